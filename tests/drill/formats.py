"""Check that every format gives equal records, verdicts and figures: a thousand generated sets, written in each."""

import io
import json
import tempfile
from collections.abc import Iterable
from copy import deepcopy
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from services.entry.files.domain import media_types
from shared.clock import FixedClock
from shared.identity.keys import ensure_keys
from shared.ids import new_id
from shared.logs import configure
from shared.settings import Settings
from tests.conftest import NO_LIMITS, NOW
from tests.databases import SqliteFiles
from tests.entry.files.record_sets import (
    ACTIVITIES,
    FORMS,
    RECORD_SETS,
    SOFFICE,
    Form,
    Record,
    as_iati,
    by_libreoffice,
    read,
)
from tests.figures import Figure
from tests.in_process import SUPPORTS, Installation, installed
from tests.validation.conftest import SUPPORT

SETS = 1_000
ACTIVITY_SETS = 200
LIBREOFFICE_SETS = 20
MAPPING = {name: SUPPORTS[name] for name in ("pillar", "kind", "period", "tlp")}
FIGURES = "/reporting/v1/aggregates"

thorough = settings(
    deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)


def formats() -> Iterable[Figure]:
    """Compare the records of generated sets, and verdicts and figures of one set with faults."""
    yield _same_records()
    yield _same_support()
    if SOFFICE is not None:
        yield _by_libreoffice()
    yield _same_verdicts()


def _same_records() -> Figure:
    tried = []

    @settings(thorough, max_examples=SETS)
    @given(RECORD_SETS)
    def compare(record_set: tuple[str, list[Record]]) -> None:
        kind, records = record_set
        for name, form in FORMS.items():
            assert read(form.write(kind, records), form.media_type, kind) == (records, []), name
        tried.append(len(records))

    compare()
    how = f"{sum(tried):,} records in {', '.join(FORMS)}"
    return Figure("formats.sets", len(tried), "sets", how, bar=SETS)


def _same_support() -> Figure:
    tried = []

    @settings(thorough, max_examples=ACTIVITY_SETS)
    @given(ACTIVITIES)
    def compare(records: list[Record]) -> None:
        assert read(as_iati(records), media_types.XML, "support") == (records, [])
        tried.append(len(records))

    compare()
    return Figure("formats.iati", len(tried), "sets", f"{sum(tried):,} activities", bar=ACTIVITY_SETS)


def _by_libreoffice() -> Figure:
    tried = []

    @settings(thorough, max_examples=1)
    @given(st.lists(RECORD_SETS, min_size=LIBREOFFICE_SETS, max_size=LIBREOFFICE_SETS))
    def compare(sets: list[tuple[str, list[Record]]]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            made = by_libreoffice(sets, Path(folder))
        for content, (kind, records) in zip(made, sets, strict=True):
            assert read(content, media_types.XLSX, kind) == (records, [])
            tried.append(len(records))

    compare()
    return Figure("formats.libreoffice", len(tried), "sets", "in one call", bar=LIBREOFFICE_SETS)


def _same_verdicts() -> Figure:
    """Submit the same support in each format, each to an installation of its own."""
    faulty = deepcopy(SUPPORT) | {"ref": "P-2", "title": "n/a", "actual_start": "in spring"}
    records = [deepcopy(SUPPORT), faulty]
    outcomes = {name: _outcome(form, records) for name, form in FORMS.items()}
    distinct = {json.dumps(each, sort_keys=True) for each in outcomes.values()}
    how = f"of {len(outcomes)} formats, with {len(distinct)} kinds of verdict and figures"
    return Figure(
        "formats.verdicts", len(outcomes) if len(distinct) == 1 else 0, "formats", how, bar=len(FORMS)
    )


def _outcome(form: Form, records: list[Record]) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        ensure_keys(Path(folder) / "keys", name="drill")
        made = Settings(
            home=Path(folder),
            database_url=SqliteFiles(Path(folder)).fresh(Path(folder)),
            broker_url="redis://127.0.0.1:1/0",
            log_level="ERROR",
            **NO_LIMITS,
        )
        configure(made, "drill")
        with installed(made, FixedClock(NOW)) as installation:
            content = form.write(MAPPING["kind"], records)
            submission = _submit(installation, content, form.media_type)
            shown = installation.client.get(f"/entry/v1/submissions/{submission}", as_="AL-WBCTi").json
            figures = installation.client.get(
                f"{FIGURES}?{urlencode({'kind': 'support'})}", as_="SECRETARIAT"
            ).json
    # The messages name the field as the file does.
    findings = sorted((group["rule"], group["count"]) for group in shown["findings"])
    return shown["state"], shown["left_out"], findings, figures


def _submit(installation: Installation, content: bytes, media_type: str) -> str:
    answer = installation.client.http.post(
        f"/entry/v1/files?{urlencode(MAPPING | {'on_error': 'accept'})}",
        data=io.BytesIO(content),
        headers=installation.client._headers("AL-WBCTi") | {"Idempotency-Key": new_id()},
        content_type=media_type,
    )
    installation.settle()
    return str(answer.json["id"])
