"""Files that must not be stored are erased before their verdict is given, whatever is killed in between."""

import hashlib
import io
import json
import signal
import subprocess
import sys
from copy import deepcopy
from datetime import timedelta
from urllib.parse import urlencode

import openpyxl
import pytest

from services.entry.files.domain.media_types import CSV, JSON, NDJSON, XLSX, XML
from services.entry.submissions import tasks
from services.entry.submissions.operations import file_reading
from shared.events import FileReceived
from shared.ids import new_id
from tests.entry.files.samples import WORKBOOK, archive, sheet
from tests.entry.tables import flat
from tests.in_process import NEEDS, installed
from tests.validation.conftest import NEED

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

SUBMISSIONS = "/entry/v1/submissions"
MAPPING = {name: NEEDS[name] for name in ("pillar", "kind", "period", "tlp")}
MARKED = json.dumps(deepcopy(NEED) | {"ref": "CT-77", "description": "RESTREINT UE"}).encode() + b"\n"
UNREADABLE = '{"ref": "Тајна агената"'.encode("cp1251") + b"\n"


@pytest.fixture
def installation(settings, clock):
    with installed(settings, clock) as made:
        yield made


@pytest.fixture
def post(installation):
    def post(
        content: bytes,
        media_type: str = NDJSON,
        *,
        key: str | None = None,
        as_: str = "AL-WBCTi",
        **said: str,
    ):
        return installation.client.http.post(
            f"/entry/v1/files?{urlencode(MAPPING | said)}",
            data=content,
            headers=installation.client._headers(as_) | {"Idempotency-Key": key or new_id()},
            content_type=media_type,
        )

    return post


@pytest.fixture
def shown(installation):
    return lambda id_: installation.client.get(f"{SUBMISSIONS}/{id_}", as_="AL-WBCTi").json


@pytest.fixture
def on_disk(installation):
    """The bytes of all files of the blob store."""
    folder = installation.runtimes["entry"].settings.blobs
    return lambda: [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


def table(**changes: str) -> bytes:
    row = flat(deepcopy(NEED) | {"ref": "CT-77"}) | changes
    return (";".join(row) + "\n" + ";".join(map(str, row.values())) + "\n").encode()


def marked_workbook() -> bytes:
    runs = "<sst><si><r><t>RESTR</t></r><r><t>EINT UE</t></r></si></sst>"
    return archive(
        {**WORKBOOK, "xl/worksheets/sheet1.xml": sheet(""), "xl/sharedStrings.xml": runs}
    ).getvalue()


@pytest.mark.parametrize(
    ("content", "media_type_and_rule"),
    [
        (MARKED, (NDJSON, "classified")),
        (MARKED.replace(b"RESTREINT UE", b"R E S T R E I N T"), (NDJSON, "classified")),
        (b'{"records": [], "note": ["R\\u200bESTREINT UE"]}', (JSON, "classified")),
        ("СТРОГО ПОВЕРЉИВО\nref,title\nA-1,T\n".encode("cp1251"), (CSV, "classified")),
        (b"RESTREINT;UE\n" + table(), (CSV, "classified")),
        (marked_workbook(), (XLSX, "classified")),
        (b'{"RESTREINT UE": 1, "RESTREINT UE": 2}', (JSON, "classified")),
        (UNREADABLE, (NDJSON, "not-json")),
        (b"PK\x03\x04 and no workbook", (XLSX, "broken-archive")),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 protected", (XLSX, "encrypted")),
        (b"<iati-activities", (XML, "not-xml")),
    ],
)  # fmt: skip
def test_a_file_that_must_not_be_stored_leaves_only_its_hash(
    installation, post, on_disk, content, media_type_and_rule
):
    media_type, rule = media_type_and_rule
    kind = {"kind": "support", "period": "2026"} if media_type == XML else {}
    id_ = post(content, media_type, file_name="Plan of agent K.dat", **kind).json["id"]
    assert content in on_disk()
    installation.settle()
    found = installation.client.get(f"{SUBMISSIONS}/{id_}", as_="AL-WBCTi").json
    assert (found["state"], found["refusal"]["erased"]) == ("returned", True)
    assert found["refusal"]["rule"] == rule
    assert found["file"]["name"] is None
    assert found["content_hash"] == hashlib.sha256(content).hexdigest()
    assert content not in on_disk()
    kept = json.dumps(installation.stored(), default=str) + str(on_disk())
    assert not any(each in kept for each in ("Plan of agent K", "CT-77", "agent K", "protected"))


def test_a_file_that_is_read_and_refused_for_its_content_is_kept(installation, post, shown, on_disk):
    content = b"a;b\n1;2\n"
    id_ = post(content, CSV, file_name="needs.csv").json["id"]
    installation.settle()
    assert (shown(id_)["refusal"]["rule"], "erased" in shown(id_)["refusal"]) == ("no-headings", False)
    assert (shown(id_)["file"]["name"], content in on_disk()) == ("needs.csv", True)


def test_an_erased_file_that_is_sent_again_leaves_nothing_either(installation, post, on_disk):
    first = post(MARKED, key="the-same")
    installation.settle()
    for key in ("the-same", None):
        again = post(MARKED, key=key)
        assert again.json["id"] == first.json["id"]
        assert MARKED not in on_disk()


@pytest.mark.parametrize(
    "said",
    [{"file_name": "2026_RESTREINT_UE.csv"}, {"reference": "TOP SECRET"}, {"pillar": "WBBSi"}, {"kind": "support", "period": "1999"}],
)  # fmt: skip
def test_a_file_that_the_edge_refuses_leaves_nothing(installation, post, on_disk, said):
    answer = post(table(), CSV, **said)
    assert answer.status_code in (403, 422)
    assert on_disk() == []
    assert "RESTREINT" not in json.dumps(installation.stored(), default=str)


def test_a_file_that_another_version_could_read_stays(installation, post, shown, on_disk):
    content = table()
    first = post(content, CSV).json["id"]
    installation.settle()
    other = post(content, XLSX, as_="BA-WBCTi").json["id"]
    installation.settle()
    refused = installation.client.get(f"{SUBMISSIONS}/{other}", as_="BA-WBCTi").json["refusal"]
    assert (shown(first)["state"], refused["rule"]) == ("accepted", "not-a-workbook")
    assert content in on_disk()


def received(installation, id_: str):
    entry = installation.runtimes["entry"]
    event = FileReceived(submission=id_, version=1, size=1)
    return file_reading.read_version(database=entry.database, blobs=entry.blobs, event=event)


def test_a_worker_that_is_killed_before_the_verdict_has_erased_the_file_and_the_next_gives_the_verdict(
    installation, post, shown, on_disk
):
    id_ = post(MARKED).json["id"]
    # The effect, which gives the verdict, is lost.
    received(installation, id_)
    assert MARKED not in on_disk()
    assert shown(id_)["state"] == "received"
    installation.settle()
    refusal = shown(id_)["refusal"]
    assert (refusal["rule"], refusal["place"]) == ("classified", "/records/0/description")


KILLED_WHILE_ERASING = """
import os, signal
from pathlib import Path
from shared.blobs import Blobs

class Killed(Blobs):
    def delete(self, sha256):
        os.kill(os.getpid(), signal.SIGKILL)

blobs = Killed(database=None, folder=Path({folder!r}), inline_bytes=0)
blobs.erase({sha256!r}, why={{"media_type": "x", "refusal": {{}}}})
"""


def test_a_worker_that_is_killed_while_it_erases_leaves_the_file_to_the_next(
    installation, post, shown, on_disk
):
    id_ = post(MARKED).json["id"]
    folder = str(installation.runtimes["entry"].settings.blobs)
    script = KILLED_WHILE_ERASING.format(folder=folder, sha256=hashlib.sha256(MARKED).hexdigest())
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == -signal.SIGKILL
    assert MARKED in on_disk()
    installation.settle()
    assert shown(id_)["refusal"]["rule"] == "classified"
    assert MARKED not in on_disk()


def test_a_received_file_whose_request_was_killed_is_deleted_after_a_day(installation, clock, on_disk):
    entry = installation.runtimes["entry"]
    context = entry.blobs.receive()
    file = context.__enter__()
    file.write(MARKED)
    file.keep()
    # The process is killed here: neither the transaction nor the block ends.
    assert MARKED in on_disk()
    tasks.delete_stale_uploads(entry)
    assert MARKED in on_disk()
    clock.advance(timedelta(days=36_500))
    tasks.delete_stale_uploads(entry)
    assert on_disk() == []


def test_a_received_file_that_a_version_names_stays_though_its_note_was_left(
    installation, post, clock, on_disk
):
    content = table()
    post(content, CSV)
    entry = installation.runtimes["entry"]
    note = entry.settings.blobs / "incoming" / f"x.{hashlib.sha256(content).hexdigest()}"
    note.touch()
    clock.advance(timedelta(days=36_500))
    tasks.delete_stale_uploads(entry)
    assert (content in on_disk(), note.exists()) == (True, False)


def test_an_export_that_is_sent_again_by_a_request_that_was_killed_stays_the_body_of_its_version(
    installation, post, clock, on_disk
):
    id_ = post(json.dumps(deepcopy(NEED)).encode() + b"\n").json["id"]
    installation.settle()
    path = f"{SUBMISSIONS}/{id_}/versions/1/records.json"
    exported = installation.client.get(path, as_="AL-WBCTi").data
    entry = installation.runtimes["entry"]
    with entry.blobs.receive() as file:
        file.write(exported)
        file.keep()
        (entry.settings.blobs / "incoming" / f"x.{file.sha256}").touch()
    clock.advance(timedelta(days=36_500))
    tasks.delete_stale_uploads(entry)
    assert exported in on_disk()
    assert installation.client.get(path, as_="AL-WBCTi").data == exported


@pytest.mark.parametrize(
    "body",
    [
        {"records": [{"ref": "1", "title": "R E S T R E I N T  U E"}]},
        {"records": [{"ref": "RESTREINT_UE", "title": "T"}]},
        {"records": [{"ref": "1", "TOP SECRET": "T"}]},
        {"records": [{"ref": "1", "title": "R\u200bESTREINT UE"}], "dry_run": True},
        {"reference": "EU-CONFIDENTIAL 7"},
    ],
)
def test_a_body_that_the_edge_refuses_is_in_no_row_and_no_log(installation, on_disk, body, capfd):
    answer = installation.client.post(SUBMISSIONS, json=NEEDS | body, as_="AL-WBCTi")
    assert (answer.status_code, answer.json["title"]) == (422, "The text is classified")
    kept = json.dumps(installation.stored(), default=str) + str(on_disk()) + "".join(capfd.readouterr())
    assert not any(each in kept for each in ("RESTREINT", "R E S T", "TOP SECRET", "CONFIDENTIAL", "\u200b"))


def test_the_statement_of_a_nil_return_is_searched(installation):
    statement = {"signed_by": "STROGO POVJERLJIVO", "function": "Head"}
    answer = installation.client.post(
        "/entry/v1/nothing-to-report", json=MAPPING | {"statement": statement}, as_="AL-WBCTi"
    )
    assert answer.json["title"] == "The text is classified"


def test_a_workbook_with_a_marking_in_a_property_is_erased(installation, post, shown, on_disk):
    book, made = openpyxl.Workbook(), io.BytesIO()
    book.properties.subject = "EU SECRET"
    book.save(made)
    id_ = post(made.getvalue(), XLSX).json["id"]
    installation.settle()
    assert shown(id_)["refusal"]["rule"] == "classified"
    assert made.getvalue() not in on_disk()


def test_texts_beside_submissions_are_searched_too(installation):
    records = [deepcopy(NEED) | {"title": "Eurodac"}]
    id_ = installation.hand_in(NEEDS | {"records": records})
    (finding, *_) = installation.client.get(f"/validation/v1/verdicts/{id_}/findings", as_="AL-WBCTi").json[
        "items"
    ]
    path = f"/validation/v1/findings/{finding['finding']}"
    webhook = {"url": "https://portal.example/RESTREINT-UE", "events": ["submission.accepted"]}
    for address, body, who in (
        (f"{path}/justification", {"text": "See the annex (TAJNO)."}, "AL-WBCTi"),
        (f"{path}/waiver", {"reason": "T O P  S E C R E T", "expires_on": "2027-01-01"}, "SECRETARIAT"),
        ("/entry/v1/webhooks", webhook, "AL-WBCTi"),
    ):
        answer = installation.client.post(address, json=body, as_=who)
        assert answer.json["title"] == "The text is classified", answer.json
