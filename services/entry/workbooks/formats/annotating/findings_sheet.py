"""The sheet that lists the findings, with links to their cells. All values are texts, never formulas."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from services.entry.files.domain.cell_refs import column_letters
from services.entry.files.domain.workbook_origins import WorkbookOrigin
from services.entry.files.domain.xml_edits import escape_text, to_bytes
from services.entry.workbooks.formats.annotating.cell_notes import SEVERITIES, Groups, count_text, severity_in
from services.entry.workbooks.formats.annotating.styles import COLOURS, Styles
from shared.i18n import Text, translate
from shared.reference import FOOTNOTE, needs_footnote
from shared.reference.account_texts import describe_read, describe_unread
from shared.reference.accounts import Account
from shared.reference.findings import marked_unread
from shared.reference.wording import kind_name

NAME = "IISG-D findings"
CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
MAX_CELL_LENGTH = 32_000
"""The maximum length of a cell. Excel allows a few more characters."""
MAX_ROW_HEIGHT = 400
LINE = 15
"""The height of a line, in points."""
LETTERS_PER_DIGIT = 0.95
"""The average number of letters in the width of a digit."""

HEADINGS: Mapping[Text, int] = {
    Text("Severity"): 18,
    Text("Rule"): 12,
    Text("Sheet"): 16,
    Text("Cell"): 12,
    Text("Record"): 18,
    Text("Field"): 24,
    Text("Value"): 26,
    Text("Finding"): 52,
    Text("Expected"): 52,
    Text("Why"): 44,
    Text("Reference"): 28,
}
"""The columns and their widths in characters."""

HEADING_ROW = 5
"""The row of the headings, below the title, the totals, the legend and a remark."""

_LAST_MERGED = column_letters(list(HEADINGS).index(Text("Finding")) + 1)
_MERGED_WIDTH = sum(list(HEADINGS.values())[: list(HEADINGS).index(Text("Finding")) + 1])
"""The last column of a closing line, and its width. Longer texts, such as that of the columns read, are wrapped."""

_CELL_COLUMN = column_letters(list(HEADINGS).index(Text("Cell")) + 1)
_LAST_COLUMN = column_letters(len(HEADINGS))
_PREVIOUS_CHECK = Text(
    "The workbook still has colours and comments of a previous check. Only this list is current."
)

_NO_RULE: Mapping[str, Any] = {"severity": "", "rule": "", "why": "", "reference": ""}
"""The group of a part that no rule judges."""

ListCell = tuple[str, str, str | None]
"""A text, its font, and the severity that colours it."""


def write_findings_sheet(
    groups: Groups,
    styles: Styles,
    *,
    account: Account | None,
    origin: WorkbookOrigin | None,
    tlp: str | None,
    namespace: str,
    was_annotated: bool,
    language: str,
) -> bytes:
    """Write the sheet: totals, every place, the numbers left out, what was read, the TLP marking and the footnote.

    A part of the workbook that was not read and has no finding has a line too. `was_annotated` is true for a workbook
    with annotations of a previous check.
    """
    places = [(group, place) for group in groups for place in group["places"]]
    places += [(_NO_RULE, place) for place in _unread_places(account, groups, language)]
    head = _head(groups, account, was_annotated=was_annotated, language=language)
    body = [_line(group, place, language) for group, place in places]
    closing = [*_closing_lines(groups, body, account, tlp, language), *_origin_lines(origin, language)]
    rows = "".join(
        _row(number, line, styles) for number, line in enumerate([*head, *body, *closing], start=1)
    )
    merged = "".join(
        f'<mergeCell ref="A{number}:{_LAST_MERGED}{number}"/>'
        for number, line in enumerate(closing, start=len(head) + len(body) + 1)
        if line
    )
    top = HEADING_ROW
    links = "".join(_link(number, place) for number, (_, place) in enumerate(places, start=top + 1))
    marking = escape_text(f"&LIISG-D: {translate(Text('Findings'), language)}&R&B{tlp or ''}")
    return to_bytes(
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{namespace}">'
        f'<sheetPr><tabColor rgb="{COLOURS["blocker"]}"/><pageSetUpPr fitToPage="1"/></sheetPr>'
        f'<sheetViews><sheetView workbookViewId="0"><pane ySplit="{top}" topLeftCell="A{top + 1}" '
        'activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f"<cols>{_columns()}</cols><sheetData>{rows}</sheetData>"
        f'<autoFilter ref="A{top}:{_LAST_COLUMN}{top + max(len(body), 1)}"/>'
        f"{f'<mergeCells>{merged}</mergeCells>' if merged else ''}"
        f"{f'<hyperlinks>{links}</hyperlinks>' if links else ''}"
        '<pageMargins left="0.4" right="0.4" top="0.7" bottom="0.7" header="0.3" footer="0.3"/>'
        '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/>'
        f"<headerFooter><oddHeader>{marking}</oddHeader><oddFooter>{marking}</oddFooter></headerFooter>"
        "</worksheet>"
    )


def _unread_places(account: Account | None, groups: Groups, language: str) -> Iterator[Mapping[str, Any]]:
    """Yield the parts of the workbook that were not read and that no finding lists, as places."""
    listed = {place["pointer"] for group in groups for place in group["places"]}
    for number, part in enumerate(account.unread if account else ()):
        pointer = f"/unread/{number}"
        if pointer not in listed:
            yield {
                "ref": None,
                "value": part.get("amount"),
                **marked_unread(part, language),
                "pointer": pointer,
            }


def _head(
    groups: Groups, account: Account | None, *, was_annotated: bool, language: str
) -> list[list[ListCell]]:
    legend = translate(
        Text(
            "The colour of a cell is that of its most severe finding. Its comment gives the expected value."
        ),
        language,
    )
    return [
        [(translate(Text("Findings"), language), "large", None)],
        [(_summarise(groups, account, language), "bold", None)],
        [
            *((severity_in(severity, language), "plain", severity) for severity in SEVERITIES),
            (f"  {legend}", "bold", None),
        ],
        [(translate(_PREVIOUS_CHECK, language), "bold", None)] if was_annotated else [],
        [(translate(heading, language), "head", None) for heading in HEADINGS],
    ]


def _summarise(groups: Groups, account: Account | None, language: str) -> str:
    counts = Counter(dict.fromkeys(SEVERITIES, 0))
    for group in groups:
        counts[group["severity"]] += group["count"]
    totals = [translate(count_text(name, count), language) for name, count in counts.items() if count]
    findings = f"{', '.join(totals)}." if totals else translate(Text("No findings."), language)
    if account is None:
        return findings.removesuffix(".") if totals else findings
    return f"{findings} {translate(describe_unread(account.overview), language)}"


def _line(group: Mapping[str, Any], place: Mapping[str, Any], language: str) -> list[ListCell]:
    severity = group["severity"]
    return [
        (severity_in(severity, language), "plain", severity or None),
        (group["rule"], "plain", None),
        (place.get("sheet", ""), "plain", None),
        (_cell_of(place), "link" if "row" in place else "plain", None),
        *((text, "plain", None) for text in (place["ref"] or "", _field(place))),
        *((text, "plain", None) for text in (_value(place["value"]), place["message"], place["expected"])),
        *((text, "plain", None) for text in (group["why"], group["reference"])),
    ]


def _closing_lines(
    groups: Groups,
    body: Sequence[Sequence[ListCell]],
    account: Account | None,
    tlp: str | None,
    language: str,
) -> Iterator[Sequence[ListCell]]:
    facts = describe_read(account.overview["read"]) if account else []
    read = [str(translate(Text("{name}: {text}", name=name, text=text), language)) for name, text in facts]
    texts: list[str] = [
        translate(
            Text.counted(
                "{count:,} more finding of {rule} is not listed.",
                "{count:,} more findings of {rule} are not listed.",
                count=group["left_out"],
                rule=group["rule"],
            ),
            language,
        )
        for group in groups
        if group["left_out"]
    ]
    if read:
        texts += ["", *read, ""]
    if tlp:
        texts.append(tlp)
    if any(needs_footnote(text) for line in body for text, _, _ in line) or any(map(needs_footnote, read)):
        texts.append(FOOTNOTE)
    yield []
    yield from ([(text, "note", None)] if text else [] for text in texts)


def _origin_lines(origin: WorkbookOrigin | None, language: str) -> Iterator[Sequence[ListCell]]:
    if origin is not None and origin.submission is not None:
        yield []
        yield [(translate(_describe(origin), language), "note", None)]


def _describe(origin: WorkbookOrigin) -> Text:
    return Text(
        "This workbook was made from version {version} of submission {submission} of {reporter}: {pillar}, {kind}, {period}. "
        "Correct it and submit it again: it is recognised as the correction of this version.",
        **{**vars(origin), "kind": kind_name(origin.kind)},
    )


def _row(number: int, line: Sequence[ListCell], styles: Styles) -> str:
    cells = "".join(
        f'<c r="{column_letters(column)}{number}" s="{styles.for_list(font, colour)}" t="inlineStr">'
        f'<is><t xml:space="preserve">{escape_text(_truncate(text))}</t></is></c>'
        for column, (text, font, colour) in enumerate(line, start=1)
        if text
    )
    return f'<row r="{number}" ht="{_height(line)}">{cells}</row>'


def _height(line: Sequence[ListCell]) -> int:
    """Return the height in points. Some spreadsheet programs do not adjust it themselves."""
    if any(font == "large" for _, font, _ in line):
        return 2 * LINE
    lines = [
        sum(
            1 + int(len(each) / ((_MERGED_WIDTH if font == "note" else width) * LETTERS_PER_DIGIT))
            for each in text.split("\n")
        )
        for (text, font, _), width in zip(line, HEADINGS.values(), strict=False)
        if font != "bold"
    ]
    return min(LINE * max(lines, default=1), MAX_ROW_HEIGHT)


def _link(number: int, place: Mapping[str, Any]) -> str:
    if "row" not in place:
        return ""
    sheet = place["sheet"].replace("'", "''")
    target = escape_text(f"'{sheet}'!{place.get('cell') or 'A{row}'.format(**place)}")
    return f'<hyperlink ref="{_CELL_COLUMN}{number}" location="{target}" display="{_cell_of(place)}"/>'


def _columns() -> str:
    return "".join(
        f'<col min="{column}" max="{column}" width="{width}" customWidth="1"/>'
        for column, width in enumerate(HEADINGS.values(), start=1)
    )


def _cell_of(place: Mapping[str, Any]) -> str:
    return str(place.get("cell") or place.get("row") or "")


def _field(place: Mapping[str, Any]) -> str:
    """Return the heading of a column, the element of an unread part, or the path of a field, such as themes.0.code."""
    for name in ("heading", "element"):
        if name in place:
            return str(place[name])
    return ".".join(place["pointer"].split("/")[3:]).replace("~1", "/").replace("~0", "~")


def _value(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _truncate(text: str) -> str:
    # Excel counts UTF-16 units; a character has at most two.
    return text if len(text) <= MAX_CELL_LENGTH // 2 else f"{text[: MAX_CELL_LENGTH // 2]}… (cut)"
