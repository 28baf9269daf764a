"""The six partners, and the footnote required wherever Kosovo* is printed.

No country library provides this table: XK is not in ISO 3166-1.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

FOOTNOTE = (
    "* This designation is without prejudice to positions on status, and is in line with UNSCR 1244/1999 "
    "and the ICJ Opinion on the Kosovo declaration of independence."
)

_STARRED = "Kosovo*"


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner. `currency` is ISO 4217; `languages` are those of its mails; `time_zone` is an IANA name."""

    code: str
    label: str
    currency: str
    languages: tuple[str, ...]
    time_zone: str


PARTNERS: Mapping[str, Partner] = MappingProxyType(
    {
        partner.code: partner
        for partner in (  # alphabetical by label, as it is always printed
            Partner("AL", "Albania", "ALL", ("sq",), "Europe/Tirane"),
            Partner("BA", "Bosnia and Herzegovina", "BAM", ("bs", "hr", "sr"), "Europe/Sarajevo"),
            Partner("XK", _STARRED, "EUR", ("sq", "sr"), "Europe/Belgrade"),
            Partner("ME", "Montenegro", "EUR", ("cnr",), "Europe/Podgorica"),
            Partner("MK", "North Macedonia", "MKD", ("mk", "sq"), "Europe/Skopje"),
            Partner("RS", "Serbia", "RSD", ("sr",), "Europe/Belgrade"),
        )
    }
)


def needs_footnote(text: str) -> bool:
    """Return whether `text` prints the starred label, so that `FOOTNOTE` must be printed with it."""
    return _STARRED in text
