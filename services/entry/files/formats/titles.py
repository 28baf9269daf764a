"""The mapping that the title of our own template names above the headings."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from shared.reference import canonical_pillar

_TITLE = re.compile(r"(?:^|\s)(20[0-9]{2}(?:-20[0-9]{2})?) · ([^·]+) · [^·]+$")
"""The form of a template's title: kind, period, pillar and reporter."""


def mapping_in(rows: Iterable[Sequence[Any]]) -> dict[str, str]:
    """Return the period and the pillar of a template's title; nothing for other titles."""
    for cells in rows:
        for cell in cells:
            found = _TITLE.search(cell) if isinstance(cell, str) else None
            pillar = found and canonical_pillar(found[2].strip())
            if found and pillar:
                return {"period": found[1], "pillar": pillar}
    return {}
