"""The refusal of an unreadable file."""

from collections.abc import Mapping
from typing import Any

from shared.i18n import Text, with_texts
from shared.i18n.texts import text_of

RESAVE = Text("Open the workbook in a spreadsheet program and save it again as .xlsx.")
"""The remedy for a damaged workbook."""


UNDECODED = frozenset(
    (
        *("encoding", "nul", "long-line", "broken-row", "not-json", "not-xml", "embedded", "encrypted"),
        *(
            "not-a-workbook",
            "not-a-table",
            "broken-archive",
            "broken-workbook",
            "entities",
            "too-many-entries",
        ),
    )
)
"""The rules of files whose content cannot be decoded. Nobody can say what is in them, so they are erased."""


class FileIsRefused(Exception):
    """A file cannot be read. The facts are the rule, the error, the expectation and the place.

    `erased` says that the file is deleted, and that only its hash is stored.
    """

    def __init__(
        self, rule: str, message: str, expected: str, place: str | None = None, *, erased: bool = False
    ) -> None:
        super().__init__(message)
        self.rule = rule
        self.message = message
        self.expected = expected
        self.place = place
        self.erased = erased or rule in UNDECODED

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> "FileIsRefused":
        """Return a refusal from its facts."""
        written = facts.get("texts", {})
        texts = {
            name: text_of(written[name]) if name in written else Text(facts[name])
            for name in ("message", "expected")
        }
        return cls(facts["rule"], **texts, place=facts.get("place"), erased=facts.get("erased", False))

    @property
    def facts(self) -> dict[str, Any]:
        """Return the refusal as stored, without a missing place."""
        return with_texts({name: value for name, value in vars(self).items() if value not in (None, False)})
