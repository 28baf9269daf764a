"""What is printed for a code, and in which order codes are printed."""

from services.reporting.figures.domain.money import UNSTATED
from shared.reference.codelists import CODELISTS, label
from shared.reference.partners import PARTNERS
from shared.reference.pillars import PILLARS

LABELLED = ("pillar", "partner", "theme")
"""The keys whose codes do not speak for themselves."""

_THEMES = {
    code: found.label
    for name, codes in CODELISTS.items()
    if name.startswith("theme:")
    for code, found in codes.codes.items()
}
_ORDER = {
    "pillar": {code: at for at, code in enumerate(PILLARS)},
    "partner": {code: at for at, code in enumerate(PARTNERS)},
}


def label_of(key: str, code: str) -> str:
    """The label of a pillar, partner or theme; the code itself where no list knows it."""
    if code == UNSTATED:
        return "Not stated"
    if key == "pillar":
        return PILLARS[code].name if code in PILLARS else code
    if key == "partner":
        return label("beneficiary", code)
    return _THEMES.get(code, code)


def sort_key(key: str, code: str) -> tuple[int, str]:
    """Pillars and partners in the order in which they are always printed, what is not among them after those."""
    order = _ORDER.get(key, {})
    return order.get(code, len(order)), code
