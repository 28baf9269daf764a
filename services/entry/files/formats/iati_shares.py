"""Recipients and sectors of an IATI activity, with their shares."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from services.entry.files.domain.shares import WHOLE, Part, Share, combine, weigh
from services.entry.files.formats.iati_account import ActivityAccount
from services.entry.files.formats.iati_elements import attribute, json_number, percentage_of

MAX_SECTORS = 20

DAC = ("", "1")
"""Vocabulary 1, which is the default."""

Entries = list[dict[str, Any]]


class SharesReader:
    """The reader of an activity's recipients and sectors."""

    def __init__(self, activity: ActivityAccount) -> None:
        self._activity = activity
        self._element = activity.element

    def beneficiaries(self, parts: Sequence[Part]) -> Entries:
        """Return the recipients of the activity, else those of its transactions, whose amounts are `parts`."""
        found = self._beneficiaries(parts)
        reason = "iati-other-regions" if found else "iati-region-vocabulary"
        self._report_vocabularies("recipient-region", reason)
        return found

    def _beneficiaries(self, parts: Sequence[Part]) -> Entries:
        stated = self._stated(list_recipients(self._element), "iati-recipient")
        if stated:
            return self._entries(stated, "recipients", of_one=WHOLE)
        named = [
            code for each in self._activity.transactions for code in distinct_codes(list_recipients(each))
        ]
        if named:
            self._report_without_recipient()
        return _weighed(named, parts, of_one=WHOLE)

    def sectors(self, parts: Sequence[Part]) -> Entries:
        """Return the sectors of the activity, else those of its transactions, whose amounts are `parts`."""
        stated = self._stated(list_sectors(self._element), "iati-sector")
        named = [code for each in self._activity.transactions for code in distinct_codes(list_sectors(each))]
        found = self._entries(stated, "sectors") if stated else _weighed(named, parts)
        self._report_vocabularies("sector", "iati-other-sectors" if found else "iati-sector-vocabulary")
        return self._activity.limit(found, MAX_SECTORS, "sector")

    def _stated(self, elements: Iterable[Any], without_code: str) -> list[Share]:
        shares = []
        numbers: Counter[str] = Counter()
        for each in elements:
            numbers[each.tag] += 1
            place = f"{each.tag} {numbers[each.tag]}"
            code, written = attribute(each, "code").upper(), attribute(each, "percentage")
            if not code:
                self._activity.report(without_code, place, f"{written} %" if written else None)
                continue
            percentage = percentage_of(written)
            if written and percentage is None:
                self._activity.report("iati-share", place, code=code, written=written)
            shares.append(Share(code, percentage))
        return shares

    def _entries(self, stated: Sequence[Share], place: str, *, of_one: Decimal | None = None) -> Entries:
        shares = combine(stated)
        if shares.is_divided:
            codes, rest = ", ".join(shares.unstated), str(json_number(shares.rest))
            self._activity.report("iati-equal-shares", place, codes=codes, rest=rest)
        return _entries(shares.by_code, of_one)

    def _report_vocabularies(self, name: str, reason: str) -> None:
        others: dict[str, dict[str, None]] = {}
        for parent in (self._element, *self._activity.transactions):
            for each in parent.iterfind(name):
                if (vocabulary := attribute(each, "vocabulary")) not in DAC:
                    others.setdefault(vocabulary, {})[attribute(each, "code") or "(no code)"] = None
        for vocabulary, codes in others.items():
            self._activity.report(reason, name, vocabulary=vocabulary, codes=", ".join(codes))

    def _report_without_recipient(self) -> None:
        for number, element in enumerate(self._activity.transactions, 1):
            if not distinct_codes(list_recipients(element)):
                self._activity.report("iati-no-recipient", f"transaction {number}")


def _weighed(named: Sequence[str], parts: Sequence[Part], *, of_one: Decimal | None = None) -> Entries:
    """Return entries with shares by amount. A code without an amount leaves all shares unstated."""
    shares = weigh(parts) if parts else {}
    return _entries(shares if shares.keys() >= set(named) else dict.fromkeys(named), of_one)


def _entries(shares: Mapping[str, Decimal | None], of_one: Decimal | None) -> Entries:
    """Return the entries of a list with shares. A single code without a share has `of_one`."""
    if len(shares) == 1:
        shares = {code: of_one if share is None else share for code, share in shares.items()}
    return [
        {"code": code} | ({} if share is None else {"percentage": json_number(share)})
        for code, share in shares.items()
    ]


def list_recipients(element: Any) -> list[Any]:
    """Return the countries, and the regions of vocabulary 1, that an activity or a transaction names."""
    regions = [each for each in element.iterfind("recipient-region") if attribute(each, "vocabulary") in DAC]
    return [*element.iterfind("recipient-country"), *regions]


def list_sectors(element: Any) -> list[Any]:
    """Return the sectors of vocabulary 1 that an activity or a transaction names."""
    return [each for each in element.iterfind("sector") if attribute(each, "vocabulary") in DAC]


def distinct_codes(elements: Iterable[Any]) -> list[str]:
    """Return the codes of elements in their order, each once."""
    return list(dict.fromkeys(code for each in elements if (code := attribute(each, "code").upper())))
