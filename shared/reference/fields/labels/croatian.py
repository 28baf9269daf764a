"""Labels of fields in Croatian: those that differ from the Bosnian ones."""

from collections.abc import Mapping

from shared.reference.fields.labels.bosnian import BOSNIAN

CROATIAN: Mapping[str, str] = {
    **BOSNIAN,
    "strand": "Smjer djelovanja",
    "priority_level": "Razina prioriteta",
    "cross_border_with": "Prekogranično s",
    "training": "Osposobljavanje",
    "own_budget": "Vlastiti proračun",
    "legal_reference": "Pravna osnova",
    "support_type": "Vrsta potpore",
    "budget": "Proračun",
    "participants": "Sudionici",
    "responses": "Poduprti odgovori",
    "participants[]": "Sudionici",
    ".proficiency": "razina stručnosti",
    ".percentage": "postotak",
    ".reporter": "podnositelj",
    ".period": "razdoblje",
}
