"""The published language of all services: partners, pillars, reporters, markings, periods, fields and code lists."""

from shared.reference.codelists import (
    CODELISTS,
    Code,
    CodeList,
    codelists_hash,
    codes_valid_in_period,
    is_valid,
    is_valid_in_period,
    label,
    successors,
)
from shared.reference.fields import LANGUAGES, Column, Field, columns_of, fields_of
from shared.reference.missing import drop_missing, is_missing
from shared.reference.partners import FOOTNOTE, PARTNERS, Partner, needs_footnote
from shared.reference.periods import (
    KINDS,
    PeriodIsUnknown,
    bounds,
    is_period,
    needs_period_containing,
    years_of,
)
from shared.reference.pillars import PILLARS, Pillar, canonical_pillar
from shared.reference.reporters import (
    ANALYST,
    COORDINATORS,
    MEMBERS,
    SECRETARIAT,
    STRUCTURES,
    Coordinator,
    Member,
    Reporter,
    ReporterIsUnknown,
    Structure,
    reporter,
)
from shared.reference.tlp import TLP

__all__ = [
    "ANALYST",
    "CODELISTS",
    "COORDINATORS",
    "FOOTNOTE",
    "KINDS",
    "LANGUAGES",
    "MEMBERS",
    "PARTNERS",
    "PILLARS",
    "SECRETARIAT",
    "STRUCTURES",
    "TLP",
    "Code",
    "CodeList",
    "Column",
    "Coordinator",
    "Field",
    "Member",
    "Partner",
    "PeriodIsUnknown",
    "Pillar",
    "Reporter",
    "ReporterIsUnknown",
    "Structure",
    "bounds",
    "canonical_pillar",
    "codelists_hash",
    "codes_valid_in_period",
    "columns_of",
    "drop_missing",
    "fields_of",
    "is_missing",
    "is_period",
    "is_valid",
    "is_valid_in_period",
    "label",
    "needs_footnote",
    "needs_period_containing",
    "reporter",
    "successors",
    "years_of",
]
