"""The definition of a code list: codes that are valid from one day to another."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Code:
    """A code and the days between which it may be used, both inclusive; None is without end."""

    code: str
    label: str
    valid_from: date | None = None
    valid_to: date | None = None

    def is_valid_between(self, first: date, last: date) -> bool:
        """Whether there is a day from `first` to `last` on which the code is valid."""
        begun = self.valid_from is None or self.valid_from <= last
        ended = self.valid_to is not None and self.valid_to < first
        return begun and not ended


@dataclass(frozen=True, slots=True)
class CodeList:
    """A named list; `version` and `source` say whose it is and of when."""

    name: str
    version: str
    source: str
    codes: Mapping[str, Code]


def code_list(name: str, *, version: str, source: str, codes: Iterable[Code]) -> CodeList:
    """Return the list of `codes`, in the order given."""
    return CodeList(name, version, source, MappingProxyType({code.code: code for code in codes}))
