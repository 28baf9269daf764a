"""Money of an IATI activity: transactions, budgets, and amounts that a record cannot hold."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from services.entry.files.domain.budgets import Budget, find_in_force, find_overlaps
from services.entry.files.formats.iati_account import ActivityAccount
from services.entry.files.formats.iati_elements import (
    attribute,
    day_of,
    is_no_day,
    json_number,
    number_of,
    reason_of_date,
    text_of,
)
from services.entry.files.formats.iati_shares import distinct_codes, list_recipients, list_sectors
from shared.reference import CODELISTS, drop_missing
from shared.reference.fields import MAX_LIST

OLD_TRANSACTION_TYPES = {
    "C": "2",
    "D": "3",
    "E": "4",
    "IF": "1",
    "IR": "5",
    "LR": "6",
    "R": "7",
    "QP": "8",
    "QS": "9",
    "CG": "10",
}
"""The transaction types of IATI 1, with their replacements."""

REVISED = "2"
BUDGET_TYPES = ("", "1", REVISED)
"""The types of budgets: original, which is the default, or revised."""

_OTHER_MONEY = (
    "planned-disbursement/value",
    "fss/forecast",
    "crs-add/loan-status/interest-received",
    "crs-add/loan-status/principal-outstanding",
    "crs-add/loan-status/principal-arrears",
    "crs-add/loan-status/interest-arrears",
)
"""The amounts that a record cannot hold, by their path."""

_WITH_KNOWN_VALUES = frozenset({"transaction", "budget", "planned-disbursement", "fss", "crs-add"})


@dataclass(frozen=True)
class Transaction:
    """A transaction as an entry of a record, with its exact amount."""

    entry: dict[str, Any]
    amount: Decimal

    @property
    def currency(self) -> str:
        """The currency; empty if there is none."""
        return str(self.entry.get("currency", ""))


class MoneyReader:
    """The reader of an activity's money."""

    def __init__(self, activity: ActivityAccount) -> None:
        self._activity = activity
        self._element = activity.element
        self._currency = attribute(activity.element, "default-currency").upper()

    def budget(self) -> tuple[int, dict[str, Any]]:
        """Return the number of budgets in force, and their total. Revised budgets replace those that they overlap."""
        found = find_in_force(self._budgets())
        self._report_budgets("iati-replaced-budget", found.replaced)
        currencies = sorted({each.currency for each in found.counted})
        if found.unclear:
            self._report_budgets("iati-unclear-budget", (*found.counted, *found.unclear))
        elif len(currencies) > 1:
            self._report_budgets("iati-budget-currencies", found.counted, currencies=", ".join(currencies))
        elif found.counted:
            overlaps = [each.number for each in find_overlaps(found.counted)]
            if overlaps:
                numbers = ", ".join(map(str, overlaps))
                self._activity.report("iati-overlapping-budget", f"budget {overlaps[0]}", numbers=numbers)
            total = json_number(sum((each.amount for each in found.counted), Decimal(0)))
            return len(found.counted), {"budget": total, "currency": currencies[0]}
        return 0, {"currency": self._currency}

    def _budgets(self) -> list[Budget]:
        budgets = []
        for number, each in enumerate(self._element.iterfind("budget"), 1):
            place = f"budget {number}"
            value, amount = self._amount(each, place)
            if amount is None:
                continue
            money, type_ = (text_of(value), self._currency_of(value)), attribute(each, "type")
            start = self._period_day(each, "period-start", number) or date.min
            end = self._period_day(each, "period-end", number) or date.max
            if type_ not in BUDGET_TYPES:
                self._activity.report("iati-budget-type", place, *money, written=type_)
            elif end < start:
                period = {"start": start.isoformat(), "end": end.isoformat()}
                self._activity.report("iati-budget-period", place, *money, **period)
            else:
                budgets.append(Budget(number, type_ == REVISED, amount, money[1], start, end))
        return budgets

    def _report_budgets(self, reason: str, budgets: Iterable[Budget], **values: Any) -> None:
        for each in budgets:
            place, amount = f"budget {each.number}", f"{each.amount:f}"
            self._activity.report(reason, place, amount, each.currency, **values)

    def _period_day(self, budget: Any, name: str, number: int) -> date | None:
        written = attribute(budget.find(name), "iso-date")
        day = day_of(written)
        if written and day is None:
            self._activity.report(reason_of_date(written), f"budget {number}", part=name, written=written)
        return day

    def transactions(self) -> list[Transaction]:
        """Return the transactions that a record can hold."""
        found: list[Transaction] = []
        for number, each in enumerate(self._activity.transactions, 1):
            place = f"transaction {number}"
            read = self._transaction(each, place)
            if read is not None and len(found) < MAX_LIST:
                found.append(read)
            elif read is not None:
                money = f"{read.amount:f}", read.currency
                count = len(self._activity.transactions)
                self._activity.report("iati-transactions", place, *money, count=count, most=MAX_LIST)
        return found

    def _transaction(self, element: Any, place: str) -> Transaction | None:
        value, amount = self._amount(element, place)
        if amount is None:
            return None
        money = text_of(value), self._currency_of(value)
        type_ = self._type(element, place, money)
        day = self._day(element, place, money) if type_ is not None else None
        if type_ is None or day is None:
            return None
        entry = {
            "type": type_,
            "date": day,
            "amount": json_number(amount),
            "currency": money[1],
            "beneficiary": self._recipient(element, place),
            "sector": self._sector(element, place),
        }
        return Transaction(drop_missing(entry), amount)

    def _type(self, element: Any, place: str, money: tuple[str, str]) -> str | None:
        written = attribute(element.find("transaction-type"), "code")
        if written in CODELISTS["transaction_type"].codes:
            return written
        if not written:
            self._activity.report("iati-no-transaction-type", place, *money)
        elif written.upper() in OLD_TRANSACTION_TYPES:
            code = OLD_TRANSACTION_TYPES[written.upper()]
            self._activity.report("iati-old-transaction-type", place, *money, written=written, code=code)
        else:
            self._activity.report("iati-transaction-type", place, *money, written=written)
        return None

    def _day(self, element: Any, place: str, money: tuple[str, str]) -> str | None:
        """Return the day of a transaction, or else of its value."""
        written = attribute(element.find("transaction-date"), "iso-date")
        value_date = attribute(element.find("value"), "value-date")
        day, value_day = day_of(written), day_of(value_date)
        if day is not None:
            return day.isoformat()
        if value_day is None:
            if written or value_date:
                found = written or value_date
                reason = "iati-transaction-no-day" if is_no_day(found) else "iati-transaction-date"
                self._activity.report(reason, place, *money, written=found)
            else:
                self._activity.report("iati-no-transaction-date", place, *money)
            return None
        if written:
            reason = "iati-value-no-day" if is_no_day(written) else "iati-value-date"
            self._activity.report(reason, place, written=written, day=value_day.isoformat())
        else:
            self._activity.report("iati-only-value-date", place, day=value_day.isoformat())
        return value_day.isoformat()

    def _recipient(self, element: Any, place: str) -> str | None:
        """Return the recipient of a transaction. A country is more exact than its region."""
        countries = distinct_codes(element.findall("recipient-country"))
        codes = countries or distinct_codes(list_recipients(element))
        if len(codes) > 1:
            self._activity.report("iati-several-recipients", place, codes=", ".join(codes))
        return codes[0] if len(codes) == 1 else None

    def _sector(self, element: Any, place: str) -> str | None:
        codes = distinct_codes(list_sectors(element))
        if len(codes) > 1:
            self._activity.report("iati-several-sectors", place, codes=", ".join(codes))
        return codes[0] if len(codes) == 1 else None

    def report_other_money(self) -> None:
        """Report the amounts that are neither transactions nor budgets."""
        tags = {child.tag for child in self._element}
        for path in _OTHER_MONEY:
            if path.partition("/")[0] not in tags:
                continue
            part = path.removesuffix("/value")
            for number, value in enumerate(self._element.iterfind(path), 1):
                money = text_of(value), self._currency_of(value)
                self._activity.report("iati-money", f"{part} {number}", *money, part=part)
        for child in self._element:
            # Most children are empty.
            if len(child) and child.tag not in _WITH_KNOWN_VALUES:
                for value in child.iter("{*}value"):
                    money = text_of(value), self._currency_of(value)
                    if any(map(str.isdigit, money[0])):
                        self._activity.report("iati-unknown-money", child.tag, *money, part=child.tag)

    def _currency_of(self, value: Any) -> str:
        return attribute(value, "currency").upper() or self._currency

    def _amount(self, parent: Any, place: str) -> tuple[Any, Decimal | None]:
        """Return the first value of a transaction or budget, and its amount."""
        values = parent.findall("value")
        for each in values[1:]:
            money = text_of(each), self._currency_of(each)
            self._activity.report("iati-repeated-value", place, *money, part=parent.tag)
        value = next(iter(values), None)
        written = text_of(value)
        number = number_of(written)
        if number is None and written:
            currency = self._currency_of(value)
            self._activity.report("iati-amount", place, written, currency, part=parent.tag, written=written)
        elif number is None:
            self._activity.report("iati-no-amount", place, part=parent.tag)
        return value, number
