"""Activities of IATI 2.03 as support records. Remarks list content that a record cannot hold."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from shared.reference import CODELISTS, drop_missing
from shared.reference.fields import MAX_LIST, MAX_REF, MAX_TEXT
from shared.untrusted_xml import string_of

MAX_TITLE_LENGTH = 2_000
MAX_NAME_LENGTH = 500
MAX_IDENTIFIER_LENGTH = 200
MAX_SECTORS = 20

DATES = {"1": "planned_start", "2": "actual_start", "3": "planned_end", "4": "actual_end"}
"""The fields by activity-date/@type."""
REVISED = "2"
PARENT = "1"
DAC = (None, "", "1")
"""Vocabulary 1, which is the default."""
SCHOLARSHIPS = "E01"

_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T[0-9:.]{1,30})?(?:Z|[+-][0-9]{2}:[0-9]{2})?")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Activity:
    """An activity as a record, with remarks on omitted content."""

    record: dict[str, Any]
    remarks: tuple[str, ...]


def read_activity(element: Any) -> Activity:
    """Read the record of an iati-activity element."""
    return _ActivityReader(element).read()


class _ActivityReader:
    """The reader of one activity."""

    def __init__(self, element: Any) -> None:
        self._element = element
        self._remarks: list[str] = []
        self._identifier = _text(element.find("iati-identifier"))
        self._currency = (element.get("default-currency") or "").strip()

    def read(self) -> Activity:
        record = {
            "ref": self._ref(),
            "title": self._narrative(self._element.find("title"), MAX_TITLE_LENGTH),
            "description": self._narrative(self._description(), MAX_TEXT),
            "support_type": self._support_type(),
            "activity_status": self._code(self._element.find("activity-status"), "code", "activity_status"),
            "sectors": self._sectors(),
            "beneficiaries": self._beneficiaries(),
            "organisations": self._organisations(),
            **self._dates(),
            **self._budget(),
            "transactions": self._transactions(),
            "iati_identifier": self._identifier[:MAX_IDENTIFIER_LENGTH],
            "parent": self._parent(),
        }
        return Activity(drop_missing(record), tuple(self._remarks))

    def _remark(self, text: str) -> None:
        self._remarks.append(f"{self._identifier or '(no iati-identifier)'}: {text}.")

    def _ref(self) -> str:
        ref = "".join(each for each in self._identifier if each.isprintable())
        if len(ref) > MAX_REF:
            self._remark(f"the identifier has more than {MAX_REF} characters; the ref is its end")
        return ref[-MAX_REF:].strip()

    def _narrative(self, parent: Any, longest: int) -> str:
        """Return the English text, or else the first. IATI 1.x has the text in the element itself."""
        if parent is None:
            return ""
        default = self._element.get(_LANGUAGE) or ""
        found = [(each.get(_LANGUAGE) or default, _text(each)) for each in parent.iterfind("narrative")]
        texts = [(language, text) for language, text in found if text] or [("", _text(parent))]
        english = [text for language, text in texts if language.lower().partition("-")[0] == "en"]
        text = (english or [texts[0][1]])[0]
        if len(text) > longest:
            self._remark(f"{parent.tag} has {len(text):,} characters; the first {longest:,} are kept")
        return text[:longest]

    def _description(self) -> Any:
        found = self._element.findall("description")
        general = [each for each in found if each.get("type", "1") == "1"]
        return next(iter(general or found), None)

    def _code(self, element: Any, name: str, list_name: str) -> str | None:
        code = None if element is None else (element.get(name) or "").strip()
        if not code:
            return None
        if code not in CODELISTS[list_name].codes:
            self._remark(f"{element.tag}/@{name} '{code[:20]}' is left out: the code is not in {list_name}")
            return None
        return code

    def _support_type(self) -> str:
        """Derive the type from the first aid type: E01 is training, D is technical assistance, anything else a grant."""
        found = [*self._element.iterfind("default-aid-type"), *self._element.iterfind("transaction/aid-type")]
        codes = [each.get("code") or "" for each in found if each.get("vocabulary") in DAC]
        first = codes[0] if codes else ""
        if first == SCHOLARSHIPS:
            return "training"
        return "technical_assistance" if first.startswith("D") else "grant"

    def _sectors(self) -> list[dict[str, Any]]:
        found = self._element.findall("sector") or self._element.findall("transaction/sector")
        sectors: dict[str, dict[str, Any]] = {}
        for each in found:
            code = (each.get("code") or "").strip()
            if each.get("vocabulary") in DAC and code and code not in sectors:
                sectors[code[:10]] = drop_missing({"code": code[:10], "percentage": self._share(each)})
        return self._limit(list(sectors.values()), MAX_SECTORS, "sectors")

    def _share(self, element: Any) -> float | None:
        share = _number(element.get("percentage"))
        if share is not None and not 0 <= share <= 100:  # noqa: PLR2004 - per cent
            self._remark(f"{element.tag}/@percentage {share} is left out: a percentage is from 0 to 100")
            return None
        return share

    def _limit(self, found: list[Any], most: int, plural: str) -> list[Any]:
        if len(found) > most:
            self._remark(f"of {len(found):,} {plural}, the first {most:,} are kept")
        return found[:most]

    def _beneficiaries(self) -> list[dict[str, Any]]:
        """Return the six partners and region 89 with their shares. The shares of other recipients are not redistributed."""
        found = self._recipients(self._element)
        if not found:
            found = [
                each for inner in self._element.iterfind("transaction") for each in self._recipients(inner)
            ]
        shares: dict[str, float | None] = {}
        for code, share in found:
            shares[code] = share if shares.get(code) is None else shares[code]
        ours = {code: share for code, share in shares.items() if code in CODELISTS["beneficiary"].codes}
        others = [code for code in shares if code not in ours]
        if others or not ours:
            left_out = f"{', '.join(others[:20])} left out" if others else "no beneficiary is named"
            none = "" if ours else ", and a record needs at least one"
            self._remark(f"{left_out}: beneficiaries are the six partners and region 89{none}")
        return [{"code": code, "percentage": share} for code, share in self._shared(ours, shares).items()]

    def _recipients(self, element: Any) -> list[tuple[str, float | None]]:
        regions = [each for each in element.iterfind("recipient-region") if each.get("vocabulary") in DAC]
        found = [*element.iterfind("recipient-country"), *regions]
        return [(code, self._share(each)) for each in found if (code := (each.get("code") or "").strip())]

    def _shared(self, ours: dict[str, float | None], everyone: dict[str, float | None]) -> dict[str, float]:
        """Split the unstated remainder of 100 % equally among recipients without a share."""
        unstated = [code for code, share in everyone.items() if share is None]
        rest = max(0.0, 100 - sum(share for share in everyone.values() if share is not None))
        if ours and unstated and len(everyone) > 1:
            self._remark(
                f"the shares of {', '.join(unstated[:20])} are not stated: {rest:g} % is split equally"
            )
        equal = round(rest / len(unstated), 2) if unstated else 0.0
        return {code: equal if share is None else share for code, share in ours.items()}

    def _organisations(self) -> list[dict[str, Any]]:
        found = []
        for each in self._element.iterfind("participating-org"):
            name = self._narrative(each, MAX_NAME_LENGTH) or (each.get("ref") or "").strip()[:MAX_NAME_LENGTH]
            role = self._code(each, "role", "organisation_role")
            if name and role:
                type_ = self._code(each, "type", "organisation_type")
                found.append(drop_missing({"name": name, "role": role, "type": type_}))
            else:
                self._remark("a participating-org is left out: it lacks a name and ref, or a role")
        return self._limit(found, MAX_LIST, "organisations")

    def _dates(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for each in self._element.iterfind("activity-date"):
            day, name = _day(each), DATES.get(each.get("type") or "")
            if day is None or name is None:
                self._remark("an activity-date is left out: it lacks an iso-date, or a type from 1 to 4")
            else:
                found.setdefault(name, day)
        return found

    def _budget(self) -> dict[str, Any]:
        """Return the total of the budgets. A revised budget replaces the original of its period."""
        periods: dict[tuple[str, str], list[tuple[bool, float, str]]] = {}
        for each in self._element.iterfind("budget"):
            value, amount = each.find("value"), _number(_text(each.find("value")))
            if amount is None:
                self._remark("a budget is left out: its value is not a number")
                continue
            period = _day(each.find("period-start")) or "", _day(each.find("period-end")) or ""
            line = each.get("type") == REVISED, amount, self._currency_of(value)
            periods.setdefault(period, []).append(line)
        counted = [line for lines in periods.values() for line in _in_force(lines)]
        currencies = sorted({currency for _, _, currency in counted})
        if len(currencies) > 1:
            self._remark(f"the budget is left out: it uses several currencies ({', '.join(currencies)})")
            counted = []
        if not counted:
            return {"currency": self._currency[:3]}
        return {"budget": _total(amount for _, amount, _ in counted), "currency": currencies[0]}

    def _currency_of(self, value: Any) -> str:
        return ((None if value is None else value.get("currency")) or self._currency).strip()[:3]

    def _transactions(self) -> list[dict[str, Any]]:
        found = []
        for each in self._element.iterfind("transaction"):
            value = each.find("value")
            day = _day(each.find("transaction-date")) or _day(value, "value-date")
            type_ = self._code(each.find("transaction-type"), "code", "transaction_type")
            amount = _number(_text(value))
            if type_ is None or day is None or amount is None:
                self._remark("a transaction is left out: it lacks its type, its date or its amount")
                continue
            found.append(
                drop_missing(
                    {"type": type_, "date": day, "amount": amount, "currency": self._currency_of(value)}
                )
            )
        return self._limit(found, MAX_LIST, "transactions")

    def _parent(self) -> str | None:
        refs = [
            each.get("ref")
            for each in self._element.iterfind("related-activity")
            if each.get("type") == PARENT
        ]
        parents = [ref.strip() for ref in refs if ref and ref.strip()]
        return parents[0][-MAX_REF:] if parents else None


def _in_force(lines: list[tuple[bool, float, str]]) -> list[tuple[bool, float, str]]:
    """Return the budget lines that count for a period: the revised lines, or else all."""
    return [line for line in lines if line[0]] or lines


def _total(amounts: Iterable[float]) -> float:
    total = round(math.fsum(amounts), 2)
    return int(total) if total.is_integer() else total


def _text(element: Any) -> str:
    """Return the text of an element in one line, without control characters."""
    if element is None:
        return ""
    return " ".join(_UNPRINTABLE.sub(" ", string_of(element)).split())


def _day(element: Any, name: str = "iso-date") -> str | None:
    """Return the day of an xsd:date or xsd:dateTime, in its own time zone."""
    found = None if element is None else _DAY.fullmatch((element.get(name) or "").strip())
    if found is None:
        return None
    try:
        return date.fromisoformat(found[1]).isoformat()
    except ValueError:
        return None


def _number(written: str | None) -> float | None:
    try:
        number = Decimal((written or "").strip().replace("_", "?"))
    except InvalidOperation:
        return None
    if not number.is_finite() or abs(number) > Decimal(10) ** 15:
        return None
    return int(number) if number == number.to_integral_value() else float(number)
