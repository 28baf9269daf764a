"""The reader of IATI activity files, versions 2.01 to 2.03.

The decimal versions of IATI 2 only add to the previous ones, so one reader reads them all.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any, BinaryIO

from services.entry.files.domain.read_result import ReadResult, Unread
from services.entry.files.domain.refusals import FileIsRefused
from services.entry.files.formats.iati_activities import Activity, read_activity
from services.entry.files.formats.iati_elements import attribute, number_of, text_of
from services.entry.files.formats.iati_money import OLD_TRANSACTION_TYPES
from shared.i18n import Text
from shared.reference.wording import kind_name
from shared.untrusted_xml import ElementStream, XmlIsBroken, XmlIsRefused

MAX_ACTIVITY_SIZE = 4 * 1024 * 1024
"""The maximum size of an activity. Its elements take up to fifty times as much memory."""

VERSIONS = ("2.01", "2.02", "2.03")

MAX_LISTED = 2_000
"""The maximum number of unread parts that are listed one by one, if they are of a reason in GROUPED."""

GROUPED = frozenset(
    {
        *(
            "iati-money",
            "iati-replaced-budget",
            "iati-only-value-date",
            "iati-equal-shares",
            "iati-no-recipient",
        ),
        *("iati-other-regions", "iati-other-sectors", "iati-sector-vocabulary", "iati-several-sectors"),
        "iati-repeated-date",
    }
)
"""The reasons that a large file may repeat in every activity. Further parts are added up by reason and currency."""

_ROOT, _ACTIVITY = "iati-activities", "iati-activity"
_EXPECTED = Text(
    "An IATI activity file of version 2.01, 2.02 or 2.03: well-formed XML without a DOCTYPE, with the root iati-activities."
)

_EXPECTED_VERSION = Text("An IATI activity file of version 2.01, 2.02 or 2.03.")


def read_iati(stream: BinaryIO, *, kind: str) -> ReadResult:
    """Read a support record from each activity. Raise `FileIsRefused`."""
    if kind != "support":
        message = Text(
            "An IATI file contains support, but the submission is of the kind {kind}.", kind=kind_name(kind)
        )
        expected = Text("A submission of the kind support, or a file in another format.")
        raise FileIsRefused("format", message, expected)
    result = ReadResult(records=iter(()))
    result.records = _FileReader(stream, result).records()
    return result


class _FileReader:
    """The reader of one file, which completes the account while the records are read."""

    def __init__(self, stream: BinaryIO, result: ReadResult) -> None:
        self._stream = stream
        self._result = result
        self._elements: Counter[str] = Counter()
        self._groups = _Groups()
        self._result.summary.update(version=None, activities=0, transactions=0, budgets=0)

    def records(self) -> Iterator[dict[str, Any]]:
        """Yield the records in order."""
        self._stream.seek(0)
        children = ElementStream(self._stream, most=MAX_ACTIVITY_SIZE, tag=_ACTIVITY)
        is_first = True
        try:
            for child in children:
                if is_first:
                    self._check_root(children.root, child)
                    is_first = False
                self._count_others(child.itersiblings(preceding=True))
                self._report_activities(child.iterdescendants("{*}iati-activity"))
                activity = read_activity(child)
                self._account_for(activity)
                yield activity.record
                children.delete_before(child)
        except XmlIsBroken as broken:
            message = Text("The file is not well-formed XML.")
            raise FileIsRefused("not-xml", message, _EXPECTED, f"line {broken.line}") from None
        except XmlIsRefused as refused:
            message = Text("The XML cannot be read: {wrong}.", wrong=refused.wrong)
            raise FileIsRefused("not-xml", message, _EXPECTED) from None
        if is_first:
            self._check_root(children.root, None)
        self._count_others(children.root)
        self._result.unread += self._groups.parts()
        for name, count in self._elements.items():
            self._result.unread.append(Unread("iati-elements", {"name": name, "count": count}, element=name))

    def _check_root(self, root: Any, first: Any) -> None:
        if root.tag != _ROOT:
            message = Text('The root element is "{name}".', name=str(root.tag)[:100])
            raise FileIsRefused("not-xml", message, _EXPECTED, "line 1")
        version = attribute(root, "version") or attribute(first, "version")
        if version and version not in VERSIONS:
            message = Text(
                "The file is of IATI version {version}, which cannot be read: convert it to version 2.03.",
                version=version[:20],
            )
            raise FileIsRefused("iati-version", message, _EXPECTED_VERSION, "line 1")
        if not version and first is not None and _is_old(first):
            message = Text(
                "The file states no version and has elements of IATI 1, which cannot be read: convert it to version 2.03."
            )
            raise FileIsRefused("iati-version", message, _EXPECTED_VERSION, "line 1")
        self._result.summary["version"] = version or None
        if not version:
            self._result.unread.append(Unread("iati-version", element=_ROOT))

    def _count_others(self, elements: Any) -> None:
        """Count elements beside the activities, and report the activities that they are or contain."""
        for each in elements:
            if isinstance(each.tag, str) and each.tag != _ACTIVITY:
                self._elements[each.tag] += 1
                self._report_activities(each.iter())

    def _report_activities(self, elements: Any) -> None:
        for each in elements:
            if isinstance(each.tag, str) and each.tag.rpartition("}")[2].lower() == _ACTIVITY:
                ref = text_of(each.find("{*}iati-identifier"))
                self._result.unread.append(Unread("iati-activity", element=each.tag, ref=ref or None))

    def _account_for(self, activity: Activity) -> None:
        self._result.summary["activities"] += 1
        self._result.summary["transactions"] += activity.transactions
        self._result.summary["budgets"] += activity.budgets
        for part in activity.unread:
            if len(self._result.unread) < MAX_LISTED or not self._groups.add(part):
                self._result.unread.append(part)
        self._elements += activity.elements


class _Groups:
    """Unread parts that are not listed one by one, added up by reason and currency."""

    def __init__(self) -> None:
        self._groups: dict[tuple[str, str | None], tuple[Unread, int, Decimal]] = {}

    def add(self, part: Unread) -> bool:
        """Add a part if its reason allows, and its amount is a number."""
        amount = number_of(part.amount) if part.amount else Decimal(0)
        if part.reason not in GROUPED or amount is None:
            return False
        key = part.reason, part.currency
        first, count, total = self._groups.get(key, (part, 0, Decimal(0)))
        self._groups[key] = first, count + 1, total + amount
        return True

    def parts(self) -> Iterator[Unread]:
        """Yield each group as one part, with the sentence of its first part."""
        for first, count, total in self._groups.values():
            amount = f"{total:f}" if first.amount else None
            yield replace(first, element=f"{count:,} more", ref=None, amount=amount)


def _is_old(activity: Any) -> bool:
    """Return whether an activity has texts outside narratives, or types that are words or letters, as in IATI 1."""
    title = activity.find("title")
    types = {attribute(each, "code") for each in activity.iterfind("transaction/transaction-type")}
    codes = {attribute(each, "type") for each in activity.iterfind("activity-date")}
    codes |= {attribute(each, "role") for each in activity.iterfind("participating-org")}
    has_bare_title = title is not None and title.find("narrative") is None and (title.text or "").strip()
    return bool(
        has_bare_title
        or types & OLD_TRANSACTION_TYPES.keys()
        or any(code and not code.isdigit() for code in codes)
    )
