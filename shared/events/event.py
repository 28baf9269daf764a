"""What every event is."""

from dataclasses import dataclass
from typing import Any, ClassVar


class EventIsUnknown(Exception):
    """An event's name is not one of ours, now or formerly."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no event named {name!r}.")


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened, told in the past tense. Fields are JSON values; dates and times are ISO 8601."""

    name: ClassVar[str]
    """`subject.verb.vN`: the version is part of the name."""

    def payload(self) -> dict[str, Any]:
        """The fields, as they are stored. They are JSON values: nothing in them needs to be taken apart."""
        return dict(vars(self))

    @property
    def is_large(self) -> bool:
        """Whether handling it takes long, so that it goes to the bulk lane and nobody waits behind it."""
        return False
