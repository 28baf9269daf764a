"""Texts of many places, stored small: templates and values that several places share are stored once.

packed, shared = pack_texts(places)     places with {"texts": {"message": [0, 3], "expected": [1, 0]}}
unpack_texts(packed, shared)            places with {"texts": {"message": {"template": ..., "values": ...}, ...}}
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Places = Sequence[Mapping[str, Any]]


class _Pool:
    """Values in the order in which they were first seen, each once."""

    def __init__(self) -> None:
        self.all: list[Any] = []
        self._numbers: dict[str, int] = {}

    def number(self, value: Any) -> int:
        """Return the number of a value."""
        key = json.dumps(value, sort_keys=True)
        if key not in self._numbers:
            self._numbers[key] = len(self.all)
            self.all.append(value)
        return self._numbers[key]


def pack_texts(places: Iterable[Mapping[str, Any]]) -> tuple[list[dict[str, Any]], dict[str, list[Any]]]:
    """Replace the texts of places by the numbers of their templates and values, which are returned beside them."""
    templates, values = _Pool(), _Pool()
    packed = []
    for place in places:
        texts = {
            name: [templates.number(_template(text)), values.number(text.get("values", {}))]
            for name, text in sorted(place.get("texts", {}).items())
        }
        packed.append({**place, "texts": texts} if texts else dict(place))
    return packed, {"templates": templates.all, "values": values.all}


def unpack_texts(places: Places, shared: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Return places with the stored form of their texts, which `text_of` reads."""
    return [
        {
            **place,
            "texts": {
                name: {**shared["templates"][template], "values": shared["values"][values]}
                for name, (template, values) in place.get("texts", {}).items()
            },
        }
        for place in places
    ]


def _template(text: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in text.items() if name != "values"}
