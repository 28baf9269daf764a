"""Labels of codes, and the order in which codes are printed."""

from services.reporting.figures.domain.money import OUTSIDE, UNSTATED
from shared.reference.codelists import CODELISTS, label
from shared.reference.partners import PARTNERS
from shared.reference.pillars import PILLARS

LABELLED = ("pillar", "partner", "theme")
"""The keys whose codes have labels."""

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
    """Return the label of a pillar, partner or theme, or the code itself if no list has it."""
    if code == UNSTATED:
        return "Not stated"
    if key == "partner" and code == OUTSIDE:
        return "Outside the region"
    if key == "pillar":
        return PILLARS[code].name if code in PILLARS else code
    if key == "partner":
        return label("beneficiary", code)
    return _THEMES.get(code, code)


def sort_key(key: str, code: str) -> tuple[int, str]:
    """Return a sort key: pillars and partners in their canonical order, other codes after them."""
    order = _ORDER.get(key, {})
    return order.get(code, len(order)), code
