"""Reasons for which a table or a workbook cannot be written."""

from shared.i18n import Text


class TableIsTooLarge(Exception):
    """The records have more fields than a table can hold."""

    def __init__(self, rows: int, columns: int) -> None:
        super().__init__(
            Text(
                "The table would have {rows:,} rows and {columns:,} columns. Download the records as JSON instead.",
                rows=rows,
                columns=columns,
            )
        )


class WorkbookIsBroken(Exception):
    """The structure of a readable workbook does not allow comments to be added."""

    def __init__(self, why: str) -> None:
        super().__init__(
            Text(
                "The workbook cannot be annotated: {why}. Open it in a spreadsheet program and save it again as XLSX. The list of findings names the cell of each finding.",
                why=why,
            )
        )
