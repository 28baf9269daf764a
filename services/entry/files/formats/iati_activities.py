"""Activities of IATI 2 as support records, and what of them was not read."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.entry.files.domain.read_result import Unread
from services.entry.files.domain.shares import Part
from services.entry.files.formats.iati_account import ActivityAccount
from services.entry.files.formats.iati_elements import NONE, attribute, day_of, identifier_of, reason_of_date
from services.entry.files.formats.iati_money import MoneyReader, Transaction
from services.entry.files.formats.iati_shares import DAC, SharesReader
from shared.reference import CODELISTS, drop_missing, is_missing
from shared.reference.fields import MAX_LIST, MAX_TEXT

MAX_TITLE_LENGTH = 2_000
MAX_NAME_LENGTH = 500
MAX_IDENTIFIER_LENGTH = 200

DATES = {"1": "planned_start", "2": "actual_start", "3": "planned_end", "4": "actual_end"}
"""The fields by activity-date/@type."""

PARENT = "1"
GENERAL = "1"
"""The type of the general description, which is the default."""
SCHOLARSHIPS = "E01"

WEIGHTS = (("2", "11"), ("3", "4"))
"""The types of the transactions whose amounts weigh recipients: commitments, or else payments, or else all."""

_READ = frozenset(
    {
        *("iati-identifier", "title", "description", "participating-org", "activity-status", "activity-date"),
        *("recipient-country", "recipient-region", "sector", "budget", "transaction", "related-activity"),
        *("default-aid-type", "planned-disbursement"),
    }
)
"""The children of an activity that are read, or listed one by one."""

_READ_OF_TRANSACTIONS = frozenset(
    {
        *("transaction-type", "transaction-date", "value", "aid-type"),
        *("recipient-country", "recipient-region", "sector"),
    }
)

_READ_OF_BUDGETS = ("period-start", "period-end", "value")

_ONCE = ("iati-identifier", "title", "activity-status")
"""The children of an activity of which the first is read. Others are counted."""


@dataclass(frozen=True)
class Activity:
    """An activity as a record, and what was not read.

    `elements` counts the elements for which records have no place, by their path.
    """

    record: dict[str, Any]
    unread: Sequence[Unread]
    elements: Counter[str]
    budgets: int
    """The number of budgets in the record's total."""

    @property
    def transactions(self) -> int:
        """The number of transactions in the record."""
        return len(self.record.get("transactions", ()))


def read_activity(element: Any) -> Activity:
    """Read the record of an iati-activity element."""
    activity = ActivityAccount(element)
    money, shares = MoneyReader(activity), SharesReader(activity)
    transactions = money.transactions()
    budgets, budget = money.budget()
    record = {
        "ref": activity.ref,
        "title": activity.narrative(element.find("title"), MAX_TITLE_LENGTH),
        "description": _description(activity),
        "support_type": _support_type(element),
        "activity_status": activity.code(
            element.find("activity-status"), "code", "activity_status", "activity-status"
        ),
        "sectors": shares.sectors(_parts("sector", transactions)),
        "beneficiaries": shares.beneficiaries(_parts("beneficiary", transactions)),
        "organisations": _organisations(activity),
        **_dates(activity),
        **budget,
        "transactions": [each.entry for each in transactions],
        "iati_identifier": activity.cut(activity.identifier, "iati-identifier", MAX_IDENTIFIER_LENGTH),
        "parent": _parent(activity),
    }
    money.report_other_money()
    activity.count_others(element, _READ, once=_ONCE)
    for each in activity.transactions:
        activity.count_others(each, _READ_OF_TRANSACTIONS, once=("transaction-type", "transaction-date"))
    for each in element.iterfind("budget"):
        activity.count_others(each, _READ_OF_BUDGETS, once=("period-start", "period-end"))
    # Entries of lists have no missing fields.
    given = {name: value for name, value in record.items() if not is_missing(value)}
    return Activity(given, activity.unread, activity.elements, budgets)


def _parts(name: str, transactions: Sequence[Transaction]) -> list[Part]:
    """Return the amounts by which the codes of transactions are weighed."""
    named = [each for each in transactions if name in each.entry]
    for types in (*WEIGHTS, tuple(CODELISTS["transaction_type"].codes)):
        counted = [each for each in named if each.entry["type"] in types]
        if counted:
            return [Part(each.entry[name], each.amount, each.currency) for each in counted]
    return []


def _description(activity: ActivityAccount) -> str:
    """Return the general description, or else the first. Others are counted."""
    found = activity.element.findall("description")
    general = [each for each in found if (each.get("type") or GENERAL) == GENERAL]
    activity.elements["description"] += max(len(found) - 1, 0)
    return activity.narrative(next(iter(general or found), None), MAX_TEXT)


def _support_type(element: Any) -> str:
    """Derive the type from the first aid type: E01 is training, D is technical assistance, anything else a grant."""
    found = [*element.iterfind("default-aid-type"), *element.iterfind("transaction/aid-type")]
    codes = [attribute(each, "code") for each in found if attribute(each, "vocabulary") in DAC]
    first = codes[0] if codes else ""
    if first == SCHOLARSHIPS:
        return "training"
    return "technical_assistance" if first.startswith("D") else "grant"


def _organisations(activity: ActivityAccount) -> list[dict[str, Any]]:
    found = []
    for number, each in enumerate(activity.element.iterfind("participating-org"), 1):
        place = f"participating-org {number}"
        name, role = _name(activity, each, place), attribute(each, "role")
        if not name:
            activity.report("iati-organisation", place)
        elif role not in CODELISTS["organisation_role"].codes:
            activity.report("iati-organisation-role", place, name=name, written=role or NONE)
        else:
            type_ = activity.code(each, "type", "organisation_type", place)
            found.append(drop_missing({"name": name, "role": role, "type": type_}))
    return activity.limit(found, MAX_LIST, "participating-org")


def _name(activity: ActivityAccount, organisation: Any, place: str) -> str:
    """Return the name of an organisation, or else its identifier."""
    name = activity.narrative(organisation, MAX_NAME_LENGTH, place)
    ref = attribute(organisation, "ref")
    if name and ref:
        activity.elements["participating-org/@ref"] += 1
    return name or activity.cut(ref, "participating-org/@ref", MAX_NAME_LENGTH, place)


def _dates(activity: ActivityAccount) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, each in enumerate(activity.element.iterfind("activity-date"), 1):
        place = f"activity-date {number}"
        written, type_ = attribute(each, "iso-date"), attribute(each, "type")
        day, name = day_of(written), DATES.get(type_)
        if day is None:
            activity.report(reason_of_date(written), place, part="activity-date", written=written)
        elif name is None:
            activity.report("iati-date-type", place, day=day.isoformat(), written=type_ or NONE)
        elif found.setdefault(name, day.isoformat()) != day.isoformat():
            activity.report("iati-repeated-date", place, day=day.isoformat())
    return found


def _parent(activity: ActivityAccount) -> str | None:
    found = activity.element.findall("related-activity")
    refs = [identifier_of(attribute(each, "ref")) for each in found if each.get("type") == PARENT]
    parents = [ref for ref in refs if ref][:1]
    activity.elements["related-activity"] += len(found) - len(parents)
    return activity.reference(parents[0], "related-activity") if parents else None
