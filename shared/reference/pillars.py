"""The three pillars of the process, and the spellings in which submissions name them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Pillar:
    """A pillar. Records and events carry its `code`."""

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
    """Return the code of the pillar that `text` names, or None.

    The text may be the code, the name or the number ("2", "Pillar 2"). Case, hyphens and blanks make no difference. "Balkan"
    may be "Balkans", and "initiative" or its final "i" may be missing.
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
