"""The search for classification markings in JSON values: classified text is refused."""

import json
from collections.abc import Iterator
from typing import Any

from shared.reference import marking_in


class TextIsClassified(Exception):
    """The body carries a national or EU classification marking; it was not stored."""

    def __init__(self, marking: str, pointer: str) -> None:
        super().__init__(
            f"The text at {pointer} carries the marking {marking!r}. This system accepts no classified information; "
            "no part of the body was stored. Remove the classified text, or send it through the channel meant for it."
        )
        self.marking = marking
        self.pointer = pointer


def check_unclassified(value: Any, *, at: str, first: int = 0) -> None:
    """Raise `TextIsClassified` for the first text with a marking in the value at a pointer.

    Field names count as texts. If the value is a slice of a longer list, `first` is the index of its first item.
    """
    # One search over the serialised value is the usual case. An escape sequence may hide a marking or part of one, so
    # that the texts themselves are searched where there is any. Only a hit is searched text by text.
    written = json.dumps(value, ensure_ascii=False)
    if "\\" not in written and marking_in(written) is None:
        return
    texts = list(texts_in(value, at, first))
    if marking_in("\n".join(text for _, text in texts)) is None:
        return
    for pointer, text in texts:
        if (marking := marking_in(text)) is not None:
            raise TextIsClassified(marking, pointer)


def texts_in(value: Any, pointer: str, first: int = 0) -> Iterator[tuple[str, str]]:
    """Yield every text in a JSON value, field names included, with its JSON pointer."""
    waiting = [(pointer, value)]
    if first and isinstance(value, list):
        waiting = [(f"{pointer}/{index}", item) for index, item in enumerate(value, start=first)]
    while waiting:
        at, inner = waiting.pop()
        if isinstance(inner, str):
            yield at, inner
        elif isinstance(inner, dict):
            for name, item in inner.items():
                step = f"{at}/{name.replace('~', '~0').replace('/', '~1')}"
                yield step, name
                waiting.append((step, item))
        elif isinstance(inner, list):
            waiting += [(f"{at}/{index}", item) for index, item in enumerate(inner)]
