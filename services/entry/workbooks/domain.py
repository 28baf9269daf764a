"""Reasons for which a table or a workbook cannot be written."""


class TableIsTooLarge(Exception):
    """The records have more fields than a table can hold."""

    def __init__(self, rows: int, columns: int) -> None:
        super().__init__(
            f"The table would have {rows:,} rows and {columns:,} columns. Download the records as JSON instead."
        )


class WorkbookIsBroken(Exception):
    """The structure of a readable workbook does not allow comments to be added."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"The workbook cannot be annotated: {why}. Open it in a spreadsheet program and save it again as XLSX. "
            "The list of findings names the cell of each finding."
        )
