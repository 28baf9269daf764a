"""The base class of events."""

from dataclasses import dataclass
from typing import Any, ClassVar


class EventIsUnknown(Exception):
    """No current or previous event has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no event named {name!r}.")


@dataclass(frozen=True, kw_only=True)
class Event:
    """A fact, named in the past tense. Fields are JSON values; dates and times are ISO 8601."""

    name: ClassVar[str]
    """`subject.verb.vN`: the version is part of the name."""

    def payload(self) -> dict[str, Any]:
        """Return the fields as they are stored: JSON values, without further conversion."""
        return dict(vars(self))

    @property
    def is_large(self) -> bool:
        """Whether handling takes long, so that the event goes to the bulk lane and delays no other."""
        return False
