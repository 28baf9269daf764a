"""Labels of fields in Serbian: those that differ from the Bosnian ones."""

from collections.abc import Mapping

from shared.reference.fields.labels.bosnian import BOSNIAN

SERBIAN: Mapping[str, str] = {
    **BOSNIAN,
    "strand": "Pravac delovanja",
    "measure": "Mera",
    "estimated_cost": "Procenjeni trošak",
    "price_year": "Godina cena",
    "carried_over_from": "Preneto iz",
    "own_budget": "Sopstveni budžet",
    ".sex": "pol",
    ".share": "udeo (%)",
}
