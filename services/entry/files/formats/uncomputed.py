"""The refusal of formulas without results. No rule would detect the missing values."""

from collections.abc import Sequence

from services.entry.files.domain.cell_refs import cell_ref
from services.entry.files.domain.refusals import FileIsRefused
from shared.i18n import Text

MAX_LISTED = 10
"""The maximum number of cells that a refusal names."""


def uncomputed(found: Sequence[tuple[int, int]], *, sheet: str) -> FileIsRefused:
    """Return the refusal of formulas without results in the rows of records."""
    shown = ", ".join(cell_ref(row, column) for row, column in found[:MAX_LISTED])
    if len(found) > MAX_LISTED:
        more = f"{len(found) - MAX_LISTED:,}"
        message = Text(
            "The results of formulas are missing: {cells} and {more} more.", cells=shown, more=more
        )
    else:
        message = Text("The results of formulas are missing: {cells}.", cells=shown)
    expected = Text(
        "Open the workbook in a spreadsheet program, which computes the results, and save it; or replace the formulas "
        "with values."
    )
    return FileIsRefused("uncomputed", message, expected, Text("sheet {sheet}", sheet=sheet))
