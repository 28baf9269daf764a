"""Labels of fields in Montenegrin: those that differ from the Bosnian ones."""

from collections.abc import Mapping

from shared.reference.fields.labels.bosnian import BOSNIAN

MONTENEGRIN: Mapping[str, str] = {
    **BOSNIAN,
    "carried_over_from": "Prenijeto iz",
    "own_budget": "Sopstveni budžet",
    ".sex": "pol",
}
