"""Every format gives equal records. Verdicts and figures depend on these alone, and on the parts not read.

`make drill ONLY=formats` tries a thousand sets, and their verdicts and figures.
"""

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from services.entry.files.domain import media_types
from tests.entry.files.record_sets import (
    ACTIVITIES,
    FORMS,
    RECORD_SETS,
    SOFFICE,
    as_iati,
    by_libreoffice,
    read,
)

quickly = settings(
    max_examples=15, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)


@quickly
@given(RECORD_SETS)
def test_every_format_holds_the_same_records(record_set):
    kind, records = record_set
    for name, form in FORMS.items():
        assert read(form.write(kind, records), form.media_type, kind) == (records, []), name


@quickly
@given(ACTIVITIES)
def test_support_is_the_same_in_iati(records):
    expected = [dict(sorted(each.items())) for each in records]
    for name, form in FORMS.items():
        assert read(form.write("support", records), form.media_type, "support") == (expected, []), name
    found, unread = read(as_iati(records), media_types.XML, "support")
    assert ([dict(sorted(each.items())) for each in found], unread) == (expected, [])


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")
@settings(quickly, max_examples=1)
@given(st.lists(RECORD_SETS, min_size=20, max_size=20))
def test_workbooks_that_libreoffice_makes_hold_the_same_records(sets):
    with tempfile.TemporaryDirectory() as folder:
        made = by_libreoffice(sets, Path(folder))
    found = [read(content, media_types.XLSX, kind) for content, (kind, _) in zip(made, sets, strict=True)]
    assert found == [(records, []) for _, records in sets]
