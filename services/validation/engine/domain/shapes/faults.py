"""Faults in the shape of a record, as facts. `wording` describes them where they are reported."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.reference.fields import Field

NO_FIELDS: Mapping[str, Field] = {}


@dataclass(frozen=True)
class Fault:
    """A fault of a record; `at` is a JSON pointer from the record.

    `problem` names the fault and `spec` the field that it breaks. `known` are the fields beside an unknown one.
    """

    rule: str
    at: str
    value: Any
    problem: str
    spec: Field = field(default=Field("", "block"), compare=False)
    known: Mapping[str, Field] = field(default_factory=lambda: NO_FIELDS, compare=False, repr=False)

    @property
    def path(self) -> str:
        """The path of the field, such as themes.0.code."""
        return self.at.removeprefix("/").replace("/", ".").replace("~1", "/").replace("~0", "~")
