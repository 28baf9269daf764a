"""The code lists of single fields of needs, responses and support, which IISG-D defines itself."""

from shared.reference.codelists.model import Code, CodeList, code_list
from shared.reference.partners import PARTNERS

_WORDS: dict[str, tuple[str, ...]] = {
    "category": ("legislative", "institutional", "operational"),
    "perspective": ("prevention", "response"),
    "strand": ("anticipate", "prevent", "protect", "respond"),
    "priority_level": ("high", "medium", "low"),
    "urgency": ("immediate", "short_term", "medium_term", "long_term"),
    "capability": (
        *("legislation", "strategy", "staffing", "training"),
        *("equipment", "infrastructure", "it", "cooperation"),
    ),
    "disposition": ("open", "partly_covered", "covered", "merged", "withdrawn"),
    # As in CEPOL's operational training needs analysis.
    "proficiency": ("awareness", "practitioner", "advanced_practitioner", "expert", "train_the_trainer"),
    "response_type": (
        *("legislation", "strategy", "institution", "operation"),
        *("training", "equipment", "project"),
    ),
    "response_status": ("planned", "ongoing", "completed", "suspended", "cancelled"),
    "coverage": ("full", "partial", "indirect"),
    "support_type": (
        *("training", "equipment", "technical_assistance", "infrastructure"),
        *("twinning", "grant", "study_visit", "research"),
    ),
}

_SPELLED = {"it": "IT", "train_the_trainer": "Train-the-trainer"}


def _label(word: str) -> str:
    return _SPELLED.get(word, word.replace("_", " ").capitalize())


BENEFICIARY = code_list(
    "beneficiary",
    version="1",
    source="the six partners, and IATI's region 89 for support that is not divided among them",
    codes=(
        *(Code(partner.code, partner.label) for partner in PARTNERS.values()),
        Code("89", "Western Balkans, regional"),
    ),
)

FIELDS: tuple[CodeList, ...] = (
    *(
        code_list(name, version="1", source="IISG-D", codes=(Code(word, _label(word)) for word in words))
        for name, words in _WORDS.items()
    ),
    BENEFICIARY,
)
