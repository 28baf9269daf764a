"""The three pillars of the process, and the many spellings under which they arrive."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Pillar:
    """A pillar; `code` is what records and events carry."""

    number: int
    code: str
    name: str
    scope: str


PILLARS: Mapping[str, Pillar] = MappingProxyType(
    {
        pillar.code: pillar
        for pillar in (
            Pillar(
                1,
                "WBCTi",
                "Western Balkan Counter-Terrorism initiative",
                "counter-terrorism, preventing and countering violent extremism",
            ),
            Pillar(
                2,
                "WBCSCi",
                "Western Balkan Counter Serious Crime initiative",
                "serious and organised crime",
            ),
            Pillar(3, "WBBSi", "Western Balkan Border Security initiative", "border security"),
        )
    }
)


def canonical_pillar(text: str) -> str | None:
    """Return the code of the pillar that `text` means, or None.

    Accepted are the code, the name and the number ("2", "Pillar 2"), whatever the case, hyphens and blanks,
    with "Balkan" or "Balkans", and with or without "initiative" or its final "i".
    """
    return _ALIASES.get(_squeezed(text))


def _squeezed(text: str) -> str:
    letters = re.sub(r"[^a-z0-9]", "", text.casefold())
    return letters.replace("balkans", "balkan").removesuffix("initiative")


def _aliases(pillar: Pillar) -> tuple[str, ...]:
    code = pillar.code
    spellings = (code, code.removesuffix("i"), pillar.name, str(pillar.number), f"Pillar {pillar.number}")
    return tuple(_squeezed(spelling) for spelling in spellings)


_ALIASES = {alias: pillar.code for pillar in PILLARS.values() for alias in _aliases(pillar)}
