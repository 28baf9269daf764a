"""Data of every kind that a reporter can have, filled with unique words that identify their owner anywhere."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import xlsxwriter
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.entry.files.domain.media_types import CSV, NDJSON, XLSX
from services.entry.webhooks.domain import EVENTS
from shared.reference import reporter
from shared.reference.fields import Field, fields_of
from tests.entry.clients.portals import pem_of
from tests.in_process import Installation
from tests.validation.conftest import PERIODS, SAMPLES

SUBMISSIONS = "/entry/v1/submissions"
CODED = {"theme", "code", "currency", "sex", "profile", "reporter", "period", "iati_identifier"}
"""Text fields in which the rules allow only codes."""


def word(code: str, place: str) -> str:
    """Return a word that is unique to this reporter and place."""
    return f"zq{letters(code)}{letters(place)}qz"


def letters(text: str) -> str:
    """Return the letters and digits of a text in lower case."""
    return "".join(each for each in text if each.isalnum()).lower()


@dataclass
class TenantData:
    """The data of one reporter: ids by the name of their path parameter, and the words that the reporter wrote."""

    code: str
    speaker: str
    """The reporter whose name the words contain."""
    ids: dict[str, list[str]] = field(default_factory=dict)
    words: set[str] = field(default_factory=set)
    secrets: set[str] = field(default_factory=set)
    """Secrets shown once, for signing and authentication."""

    def say(self, place: str) -> str:
        """Record and return the reporter's word for a place."""
        self.words.add(said := self.word(place))
        return said

    def word(self, place: str) -> str:
        """Return the reporter's word for a place, whether or not the word was used."""
        return word(self.speaker, place)

    def keep(self, name: str, *ids: str) -> None:
        """Record ids of the reporter's data."""
        self.ids.setdefault(name, []).extend(ids)

    def stand_ins(self) -> dict[bytes, bytes]:
        """Return a name for each id and word: the same for all ids of a kind, and for all reporters' words."""
        named = {each: name for name, ids in self.ids.items() for each in ids}
        said = {each: each.replace(letters(self.speaker), "anybody") for each in self.words}
        return {each.encode(): name.encode() for each, name in (named | said).items()}


def nonexistent(like: TenantData) -> TenantData:
    """Return ids and words of the same shapes that do not exist."""
    ids = {name: [_other(each) for each in ids] for name, ids in like.ids.items()}
    words = {each.replace(letters(like.speaker), "nobody") for each in like.words}
    return TenantData(like.code, "nobody", ids, words)


def _other(id_: str) -> str:
    """Return an id that sorts next to the given one."""
    return id_[:-1] + ("0" if id_[-1] != "0" else "1")


class Filling:
    """Creates all data that a reporter can have, with the reporter's own words in it."""

    def __init__(self, installation: Installation, code: str) -> None:
        self._client = installation.client
        self._installation = installation
        self._keys = 0
        self.has = TenantData(code, code)

    def fill(self) -> TenantData:
        """Create all data of the reporter."""
        self._make_webhook()
        self._make_client()
        if reporter(self.has.code).role == "structure":
            self._open("response", "2026")
            self._open("need", "2027-2028")
        if reporter(self.has.code).role in ("structure", "member"):
            self._hand_in_all()
        if reporter(self.has.code).role == "structure":
            self._carry_over()
            self._delegate()
        self._read_ids()
        return self.has

    def _post(self, path: str, body: Any, *, as_: str | None = None) -> Any:
        """Post a body. All reporters use equal idempotency keys, so that a response to another would be found."""
        self._keys += 1
        key = f"key-{self._keys}" + (f"-for-{self.has.code}" if as_ else "")
        answer = self._client.post(path, json=body, as_=as_ or self.has.code, key=key)
        assert answer.status_code < 300, (path, answer.text)
        self._installation.settle()
        return answer.json

    def _make_webhook(self) -> None:
        url = f"https://{self.has.say('host')}.example/{self.has.say('path')}"
        made = self._post("/entry/v1/webhooks", {"url": url, "events": list(EVENTS)})
        second = self._post(f"/entry/v1/webhooks/{made['id']}/secrets", {})
        self.has.secrets |= {made["secret"], second["secret"]}
        self._post(f"/entry/v1/webhooks/{made['id']}/test", {})
        self.has.keep("webhook", made["id"])

    def _make_client(self) -> None:
        body = {"reporter": self.has.code, "label": self.has.say("client label")}
        made = self._post("/entry/v1/clients", body, as_="SECRETARIAT")
        secret = self._post(f"/entry/v1/clients/{made['id']}/secrets", {})
        pem = pem_of(Ed25519PrivateKey.generate())
        key = self._post(f"/entry/v1/clients/{made['id']}/keys", {"pem": pem})
        self.has.keep("client", made["id"])
        self.has.secrets.add(secret["secret"])
        self.has.keep("secret", secret["id"])
        self.has.keep("key", key["kid"])

    # --- Submissions --------------------------------------------------------------------------------------------------

    def _hand_in_all(self) -> None:
        shared = self.record("support", "shared") | {"tlp": "TLP:CLEAR"}
        # References are per reporter: several reporters may use the same one.
        self._hand_in("support", shared, tlp="TLP:CLEAR", reference="The first of 2026")
        accepted = self._hand_in(
            "support", self.record("support", "hidden"), reference=self.has.say("reference")
        )
        self._hand_in("support", self.record("support", "more"), supersedes=accepted)
        self._hand_in("support", self.record("support", "tried"), dry_run=True)
        faulty = self.record("support", "faulty") | {"title": "n/a", "budget": self.has.say("no number")}
        self._hand_in("support", faulty)
        self._hand_in("support", faulty, self.record("support", "rest"), on_error="accept")
        self._hand_in("support", self.record("support", "red") | {"tlp": "TLP:RED"}, tlp="TLP:RED")
        self._take_back()
        for media_type, write in FILES.items():
            self._hand_in_file(media_type, write)
        if reporter(self.has.code).role == "structure":
            self._hand_in("need", self.record("need", "need"))
            self._hand_in("response", self.record("response", "response"))
        self._excuse()
        self._sign_nil_return()

    def record(self, kind: str, tag: str) -> dict[str, Any]:
        """Return a record with a word of the reporter in every text field where the rules allow one."""
        said = {**SAMPLES[kind], **self._texts(fields_of(kind), tag), "ref": self.has.say(f"{tag} ref")}
        said["title"] = f"{SAMPLES[kind]['title']} {self.has.say(f'{tag} title')}"
        said.pop("parent", None)
        said.pop("carried_over_from", None)
        return said | ({"needs": SAMPLES[kind]["needs"]} if "needs" in said else {})

    def _texts(self, fields: Mapping[str, Field], tag: str) -> dict[str, Any]:
        return {
            name: [self.has.say(f"{tag} {name}")] if each.type == "list" else self.has.say(f"{tag} {name}")
            for name, each in fields.items()
            if name not in CODED and (each.items or each).type == "text"
        }

    def _mapping(self, kind: str, **how: Any) -> dict[str, Any]:
        pillars = reporter(self.has.code).pillars
        return {"pillar": pillars[0], "kind": kind, "period": PERIODS[kind], "tlp": "TLP:AMBER"} | how

    def _hand_in(self, kind: str, *records: dict[str, Any], **how: Any) -> dict[str, Any]:
        answer = self._post(SUBMISSIONS, self._mapping(kind, **how) | {"records": records})
        self.has.keep("submission", answer["id"])
        return {"submission": answer["id"], "version": answer["version"]}

    def _hand_in_file(self, media_type: str, write: Any) -> None:
        tag = media_type.rpartition(".")[2].rpartition("/")[2]
        said = self._mapping("support", file_name=f"{self.has.say(f'{tag} file')}.bin")
        row = {
            "ref": self.has.say(f"{tag} ref"),
            "title": self.has.say(f"{tag} title"),
            "budget": self.has.say(f"{tag} cell"),
        }
        answer = self._client.http.post(
            f"/entry/v1/files?{urlencode(said)}",
            data=write([row]),
            headers=self._client._headers(self.has.code) | {"Idempotency-Key": f"key-{tag}"},
            content_type=media_type,
        )
        assert answer.status_code == 202, answer.text
        self._installation.settle()
        self.has.keep("submission", answer.json["id"])

    def _take_back(self) -> None:
        whole = self._hand_in("support", self.record("support", "taken"))
        path = f"{SUBMISSIONS}/{whole['submission']}/withdrawal"
        self._post(path, {"version": 1, "reason": self.has.say("withdrawal")})
        two = self._hand_in("support", self.record("support", "stays"), self.record("support", "goes"))
        body = {
            "version": 1,
            "refs": [self.has.word("goes ref")],
            "reason": self.has.say("records withdrawal"),
        }
        self._post(f"{SUBMISSIONS}/{two['submission']}/records/withdrawal", body)

    def _excuse(self) -> None:
        """Justify one warning and waive another."""
        findings = [each for each in self._findings() if each["severity"] == "warning"]
        path = "/validation/v1/findings"
        self._post(f"{path}/{findings[0]['finding']}/justification", {"text": self.has.say("justification")})
        waiver = {"reason": self.has.say("waiver"), "expires_on": "2026-12-31"}
        self._post(f"{path}/{findings[-1]['finding']}/waiver", waiver, as_="SECRETARIAT")

    def _sign_nil_return(self) -> None:
        statement = {
            "signed_by": self.has.say("signer"),
            "function": self.has.say("function"),
            "text": self.has.say("statement"),
        }
        said = self._mapping("support", period="2025", statement=statement)
        self.has.keep("submission", self._post("/entry/v1/nothing-to-report", said)["id"])

    # --- Data of structures only --------------------------------------------------------------------------------------

    def _open(self, kind: str, period: str) -> None:
        opened = {"reporter": self.has.code, "kind": kind, "period": period, "expires_on": "2027-02-01"}
        reason = {"reason": self.has.say(f"exception {kind}")}
        granted = self._post("/entry/v1/exceptions", opened | reason, as_="SECRETARIAT")
        self.has.keep("exception", granted["id"])

    def _carry_over(self) -> None:
        former = {"pillar": reporter(self.has.code).pillars[0], "from": "2025-2026"}
        waiting = self._client.get(f"/entry/v1/carry-over?{urlencode(former)}", as_=self.has.code).json[
            "items"
        ]
        why = {"disposition": "withdrawn", "why": self.has.say("disposition")}
        body = former | {
            "to": "2027-2028",
            "tlp": "TLP:AMBER",
            "dispositions": [{"ref": each["ref"]} | why for each in waiting],
        }
        self.has.keep("submission", self._post("/entry/v1/carry-over", body)["submission"]["id"])

    def _delegate(self) -> None:
        backup = f"{reporter(self.has.code).partner}-WBBSi"
        body = {"to": backup, "expires_on": "2026-12-24", "reason": self.has.say("delegation")}
        self.has.keep("delegation", self._post("/entry/v1/delegations", body)["id"])

    # --- Data that the reporter only reads ----------------------------------------------------------------------------

    def _read_ids(self) -> None:
        findings = {each["submission"]: each["finding"] for each in self._findings()}
        self.has.keep("finding", *findings.values())
        for webhook in self.has.ids["webhook"]:
            path = f"/entry/v1/webhooks/{webhook}"
            shown = self._client.get(path, as_=self.has.code).json
            self.has.keep("secret", *(each["id"] for each in shown["secrets"]))
            messages = self._client.get(f"{path}/messages", as_=self.has.code).json["items"]
            self.has.keep("message", *(each["id"] for each in messages))

    def _findings(self) -> Iterator[dict[str, Any]]:
        for submission in self.has.ids.get("submission", ()):
            path = f"/validation/v1/verdicts/{submission}/findings?limit=200"
            answer = self._client.get(path, as_=self.has.code)
            yield from answer.json.get("items", ())


def as_ndjson(rows: Sequence[Mapping[str, str]]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def as_csv(rows: Sequence[Mapping[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def as_xlsx(rows: Sequence[Mapping[str, str]]) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet = book.add_worksheet("Support")
        for line, values in enumerate([list(rows[0]), *(list(row.values()) for row in rows)]):
            sheet.write_row(line, 0, values)
    return content.getvalue()


FILES = {NDJSON: as_ndjson, CSV: as_csv, XLSX: as_xlsx}
