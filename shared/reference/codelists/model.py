"""The definition of a code list: codes that are valid from one day to another."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Code:
    """A code, and the days between which it is valid, both inclusive. None means no limit."""

    code: str
    label: str
    valid_from: date | None = None
    valid_to: date | None = None

    def is_valid_between(self, first: date, last: date) -> bool:
        """Return whether the code is valid on at least one day from `first` to `last`."""
        begun = self.valid_from is None or self.valid_from <= last
        ended = self.valid_to is not None and self.valid_to < first
        return begun and not ended


@dataclass(frozen=True, slots=True)
class CodeList:
    """A named list. `source` names its publisher, and `version` the publisher's version."""

    name: str
    version: str
    source: str
    codes: Mapping[str, Code]


def code_list(name: str, *, version: str, source: str, codes: Iterable[Code]) -> CodeList:
    """Return a list with the given codes, in their order."""
    return CodeList(name, version, source, MappingProxyType({code.code: code for code in codes}))
