"""The account of one IATI activity: the parts that were not read."""

from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any

from services.entry.files.domain.read_result import Unread
from services.entry.files.formats.iati_elements import LANGUAGE, attribute, identifier_of, text_of
from shared.reference import CODELISTS
from shared.reference.fields import MAX_REF
from shared.untrusted_xml import string_of


class ActivityAccount:
    """An activity that is being read. Its readers report each part that they do not read.

    `elements` counts, by path, the elements for which a record has no place.
    """

    def __init__(self, element: Any) -> None:
        self.element = element
        self.unread: list[Unread] = []
        self.elements: Counter[str] = Counter()
        self.ref = ""
        self.identifier = self._identifier()
        self.ref = self.reference(self.identifier, "iati-identifier")
        self.transactions: list[Any] = element.findall("transaction")

    def report(
        self,
        reason: str,
        element: str | None = None,
        amount: str | None = None,
        currency: str | None = None,
        **values: Any,
    ) -> None:
        """Report a part that was not read. `element` is its place in the activity."""
        self.unread.append(
            Unread(
                reason,
                values,
                element=element,
                ref=self.ref or None,
                amount=amount or None,
                currency=(currency or None) if amount else None,
            )
        )

    def count_others(self, parent: Any, read: Collection[str], *, once: Iterable[str] = ()) -> None:
        """Count the children of an activity, or of an element in it, that are not read: others, and repeated ones."""
        before = "" if parent is self.element else f"{parent.tag}/"
        # Comments and processing instructions have no tag.
        tags = (each.tag for each in parent if isinstance(each.tag, str) and each.tag not in read)
        self.elements.update(f"{before}{tag}" for tag in tags)
        for tag in once:
            self.elements[f"{before}{tag}"] += max(len(parent.findall(tag)) - 1, 0)

    def _identifier(self) -> str:
        element = self.element.find("iati-identifier")
        written = "" if element is None else string_of(element).strip()
        identifier = identifier_of(written)
        if identifier != written:
            self.report("iati-hidden-identifier", "iati-identifier", read=identifier)
        return identifier

    def reference(self, identifier: str, element: str) -> str:
        """Return the reference of an activity: the end of its identifier."""
        if len(identifier) > MAX_REF:
            self.report("iati-identifier", element, length=len(identifier), most=MAX_REF)
        return identifier[-MAX_REF:].strip()

    def cut(self, text: str, part: str, longest: int, place: str | None = None) -> str:
        """Return the beginning of a text. Its place is the part, unless there are several."""
        if len(text) > longest:
            self.report("iati-text", place or part, part=part, length=len(text), most=longest)
        return text[:longest]

    def limit(self, found: list[Any], most: int, part: str) -> list[Any]:
        """Return the beginning of a list."""
        if len(found) > most:
            self.report("iati-list", part, count=len(found), part=part, most=most)
        return found[:most]

    def narrative(self, parent: Any, longest: int, place: str | None = None) -> str:
        """Return the English text, or else the first. Others are counted."""
        if parent is None:
            return ""
        default = self.element.get(LANGUAGE) or ""
        found = [(each.get(LANGUAGE) or default, text_of(each)) for each in parent.iterfind("narrative")]
        texts = [(language, text) for language, text in found if text] or [("", text_of(parent))]
        english = [text for language, text in texts if language.lower().partition("-")[0] == "en"]
        self.elements[f"{parent.tag}/narrative"] += len(texts) - 1
        return self.cut((english or [texts[0][1]])[0], str(parent.tag), longest, place)

    def code(self, element: Any, name: str, list_name: str, place: str) -> str | None:
        """Return an attribute if it is a code of the list."""
        code, codes = attribute(element, name), CODELISTS[list_name].codes
        if code and code not in codes:
            self.report(
                "iati-code", place, part=f"{element.tag}/@{name}", written=code, codes=", ".join(codes)
            )
            return None
        return code or None
