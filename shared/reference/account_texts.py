"""The account of a file in words, for reports, workbooks and the command line."""

from collections.abc import Iterator, Mapping
from functools import reduce
from typing import Any

from shared.i18n import Text

_FORMATS: Mapping[str, Text] = {
    "json": Text("JSON"),
    "ndjson": Text("NDJSON, a JSON record on each line"),
    "csv": Text("CSV"),
    "xlsx": Text("Workbook"),
    "iati": Text("IATI activities"),
}
_SEPARATORS = {",": Text("commas"), ";": Text("semicolons"), "\t": Text("tabs"), "|": Text("vertical bars")}


def describe_read(read: Mapping[str, Any]) -> list[tuple[Text, str]]:
    """Describe what was read of a file, as labels and texts."""
    return [(label, text) for label, text in _facts(read) if text]


def _facts(read: Mapping[str, Any]) -> Iterator[tuple[Text, str]]:
    yield Text("File read as"), _format(read)
    yield Text("Sheet read"), str(read.get("sheet", ""))
    yield Text("Sheets not read"), _listed(read, "other_sheets", read.get("other_sheets", ()))
    yield Text("Titles above the headings"), _listed(read, "titles", read.get("titles", ()))
    if "heading_row" in read:
        yield Text("Row of headings"), str(read["heading_row"])
    columns = [f"{each['column']} {each['heading']}" for each in read.get("columns", ())]
    yield Text("Columns read"), _listed(read, "columns", columns)
    if "rows" in read:
        yield Text("Rows read"), f"{read['rows']:,}"
    for name, label in _COUNTS.items():
        if name in read:
            yield label, f"{read[name]:,}"


_COUNTS: Mapping[str, Text] = {
    "activities": Text("Activities read"),
    "transactions": Text("Transactions read"),
    "budgets": Text("Budgets read"),
    "records": Text("Records read"),
}


def _format(read: Mapping[str, Any]) -> str:
    name = _FORMATS.get(str(read.get("format")), Text(""))
    if "version" in read:
        return Text("{format}, version {version}", format=name, version=read["version"])
    if "encoding" in read and "separator" in read:
        separator = _SEPARATORS.get(read["separator"], read["separator"])
        return Text(
            "{format}, encoded as {encoding} and separated by {separator}",
            format=name,
            encoding=read["encoding"],
            separator=separator,
        )
    return name


def _listed(read: Mapping[str, Any], name: str, entries: Any) -> str:
    text = "; ".join(map(str, entries))
    if more := read.get(f"{name}_left_out"):
        return Text("{entries}; and {more:,} more", entries=text, more=more)
    return text


def describe_unread(reading: Mapping[str, Any]) -> Text:
    """Say how many parts of a file were not read, or not as they were written."""
    count = sum(reading["counts"].values())
    if not count:
        return Text("All of the file was read.")
    return Text.counted(
        "{count:,} part of the file was not read, or not as it was written.",
        "{count:,} parts of the file were not read, or not as they were written.",
        count=count,
    )


def describe_place(part: Mapping[str, Any]) -> str:
    """Return the place of an unread part in its file: its sheet, and its cell, row or element."""
    found: list[str] = []
    if "sheet" in part:
        found.append(Text("sheet {sheet}", sheet=part["sheet"]))
    if "cell" in part:
        found.append(Text("cell {cell}", cell=part["cell"]))
    elif "row" in part:
        found.append(Text("row {row}", row=part["row"]))
    if "element" in part:
        found.append(str(part["element"]))
    return (
        reduce(lambda place, inner: Text("{place}, {inner}", place=place, inner=inner), found)
        if found
        else ""
    )
