"""Nothing classified is taken."""

import json
from collections.abc import Iterator
from typing import Any

from shared.reference.markings import find_marking


class TextIsClassified(Exception):
    """The body carries a national or EU classification marking; it was not stored."""

    def __init__(self, marking: str, pointer: str) -> None:
        super().__init__(
            f"The text at {pointer} carries the marking {marking!r}. This system takes no classified information; "
            "nothing of the body was stored. Take the classified text out, or send it through the channel meant for it."
        )
        self.marking = marking
        self.pointer = pointer


def check_unclassified(value: Any, *, at: str, first: int = 0) -> None:
    """Raise `TextIsClassified` at the first text in what stands at the pointer that carries a marking.

    Names of fields are texts too. Of a list that is a part of a longer one, `first` is where it begins.
    """
    # One search over everything as it is written is the usual case. Where something was escaped in writing, a marking may
    # go on behind it, so that the texts themselves are searched; only a find is looked up text by text.
    written = json.dumps(value, ensure_ascii=False)
    if "\\" not in written and find_marking(written) is None:
        return
    texts = list(texts_in(value, at, first))
    if find_marking("\n".join(text for _, text in texts)) is None:
        return
    for pointer, text in texts:
        if (marking := find_marking(text)) is not None:
            raise TextIsClassified(marking, pointer)


def texts_in(value: Any, pointer: str, first: int = 0) -> Iterator[tuple[str, str]]:
    """Every text in a JSON value with its JSON pointer."""
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
