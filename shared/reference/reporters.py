"""Reporters: pillar structures, national coordinators, members, and RCC's own two roles."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from shared.i18n import Label, Text
from shared.reference.partners import PARTNERS, Partner
from shared.reference.pillars import PILLARS

_ALL = tuple(PILLARS)

ANALYST = "RCC-ANALYST"
SECRETARIAT = "SECRETARIAT"

MEMBERS_TIME_ZONE = "Europe/Brussels"
"""The time zone of members, and of reporters that the register does not hold."""
SECRETARIAT_TIME_ZONE = "Europe/Sarajevo"
"""The time zone of the RCC, which hosts the Secretariat."""


class ReporterIsUnknown(KeyError):
    """No reporter has this code."""

    def __init__(self, code: str) -> None:
        super().__init__(Text("There is no reporter '{code}'.", code=code))
        self.code = code

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True, slots=True)
class Structure:
    """A partner's body for one pillar, which must submit that pillar's mappings."""

    code: str
    partner: str
    pillar: str
    label: str


@dataclass(frozen=True, slots=True)
class Coordinator:
    """A partner's national coordinator, who reads all three pillars and is notified of overdue mappings."""

    code: str
    partner: str
    label: str


@dataclass(frozen=True, slots=True)
class Member:
    """A donor, agency or organisation in the Support Group. `pillars` are those in whose formations it takes part."""

    code: str
    label: str
    pillars: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reporter:
    """The holder of a credential. Role: structure, coordinator, member, analyst or secretariat.

    A day is a day in its `time_zone`, an IANA name.
    """

    code: str
    role: str
    partner: str | None
    pillars: tuple[str, ...]
    label: str
    time_zone: str


def _named(partner: Partner) -> Label:
    return Label("list beneficiary", partner.label)


STRUCTURES: Mapping[str, Structure] = MappingProxyType(
    {
        f"{partner.code}-{pillar}": Structure(
            code=f"{partner.code}-{pillar}",
            partner=partner.code,
            pillar=pillar,
            label=Text("{partner}, {pillar} structure", partner=_named(partner), pillar=pillar),
        )
        for partner in PARTNERS.values()
        for pillar in PILLARS
    }
)

COORDINATORS: Mapping[str, Coordinator] = MappingProxyType(
    {
        f"{partner.code}-NC": Coordinator(
            code=f"{partner.code}-NC",
            partner=partner.code,
            label=Text("{partner}, national coordinator", partner=_named(partner)),
        )
        for partner in PARTNERS.values()
    }
)

MEMBERS: Mapping[str, Member] = MappingProxyType(
    {
        member.code: member
        for member in (
            Member("EC", "European Commission", _ALL),
            Member("CEPOL", "European Union Agency for Law Enforcement Training (CEPOL)", _ALL),
            Member("EUROPOL", "Europol", _ALL),
            Member("EUROJUST", "Eurojust", ("WBCTi", "WBCSCi")),
            Member("FRONTEX", "European Border and Coast Guard Agency (Frontex)", ("WBCSCi", "WBBSi")),
            Member("EUDA", "European Union Drugs Agency", ("WBCSCi",)),
            Member("RCC", "Regional Cooperation Council", _ALL),
            Member("MARRI", "Migration, Asylum, Refugees Regional Initiative (MARRI)", ("WBBSi",)),
            Member("UNODC", "United Nations Office on Drugs and Crime", _ALL),
            Member("OSCE", "Organization for Security and Co-operation in Europe", _ALL),
            Member("DCAF", "DCAF - Geneva Centre for Security Sector Governance", _ALL),
            Member("PCC-SEE", "Police Cooperation Convention for Southeast Europe Secretariat", _ALL),
            Member("SEESAC", "UNDP - SEESAC", ("WBCSCi", "WBBSi")),
            Member("SELEC", "Southeast European Law Enforcement Center", ("WBCSCi", "WBBSi")),
            Member("GIZ", "Deutsche Gesellschaft für Internationale Zusammenarbeit (GIZ)", _ALL),
            Member("IOM", "International Organization for Migration", _ALL),
            Member("ICMPD", "International Centre for Migration Policy Development", ("WBCSCi", "WBBSi")),
            Member("RAI", "Regional Anti-Corruption Initiative", ("WBCSCi",)),
            Member("AT", "Austria", _ALL),
            Member("CH", "Switzerland", _ALL),
            Member("DE", "Germany", _ALL),
            Member("FR", "France", _ALL),
            Member("IT", "Italy", _ALL),
            Member("NL", "Netherlands", _ALL),
            Member("SI", "Slovenia", _ALL),
            Member("UK", "United Kingdom", _ALL),
        )
    }
)


def reporter(code: str) -> Reporter:
    """Return the reporter with this code; raise `ReporterIsUnknown` (a KeyError)."""
    try:
        return _REPORTERS[code]
    except KeyError:
        raise ReporterIsUnknown(code) from None


def time_zone_of(code: str) -> str:
    """Return the time zone of a reporter, also of one that only another issuer's tokens name."""
    known = _REPORTERS.get(code)
    return MEMBERS_TIME_ZONE if known is None else known.time_zone


_REPORTERS = {
    reporter.code: reporter
    for reporter in (
        *(
            Reporter(s.code, "structure", s.partner, (s.pillar,), s.label, PARTNERS[s.partner].time_zone)
            for s in STRUCTURES.values()
        ),
        *(
            Reporter(c.code, "coordinator", c.partner, _ALL, c.label, PARTNERS[c.partner].time_zone)
            for c in COORDINATORS.values()
        ),
        *(Reporter(m.code, "member", None, m.pillars, m.label, MEMBERS_TIME_ZONE) for m in MEMBERS.values()),
        Reporter(ANALYST, "analyst", None, _ALL, "RCC analyst", SECRETARIAT_TIME_ZONE),
        Reporter(SECRETARIAT, "secretariat", None, _ALL, "IISG Secretariat", SECRETARIAT_TIME_ZONE),
    )
}
