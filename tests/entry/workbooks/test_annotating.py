import io
import re
import time
import zipfile
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter

from services.entry.workbooks.domain import WorkbookIsBroken
from services.entry.workbooks.formats.annotating.annotate import annotate_workbook
from services.entry.workbooks.formats.annotating.cell_notes import (
    MAX_NOTES_PER_CELL,
    CellNote,
    list_cell_notes,
)
from services.entry.workbooks.formats.annotating.sheets import copy_sheet
from shared.reference import FOOTNOTE
from shared.reference.accounts import Account
from tests.entry.workbooks.findings import group, place

LIST = "IISG-D findings"
MAIN = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def rich() -> bytes:
    """A workbook with content that libraries lose on loading and saving."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        head = book.add_format({"bold": True, "bg_color": "#1D3F72"})
        day = book.add_format({"num_format": "d.m.yyyy", "border": 1})
        sheet = book.add_worksheet("Needs")
        book.add_worksheet("Notes").write_string("A1", "Nothing here")
        sheet.set_column(2, 2, 14, day)
        for column, name in enumerate(("ref", "title", "target_date", "cost")):
            sheet.write_string(0, column, name, head)
            sheet.write_comment(0, column, f"What {name} means")
        for row in range(1, 9):
            sheet.write_string(row, 0, f"AL-{row + 1}")
            sheet.write_string(row, 1, f"Title {row}")
            sheet.write_number(row, 2, 46_000 + row, day)
            sheet.write_formula(row, 3, f"=LEN(B{row + 1})*100", None, 700)
        sheet.write_comment("B5", "Ask Ann about this", {"author": "Ann"})
        sheet.conditional_format("D2:D9", {"type": "3_color_scale"})
        sheet.data_validation("A2:A99", {"validate": "length", "criteria": "<", "value": 20})
        sheet.merge_range("F1:G1", "Merged")
        sheet.autofilter("A1:D9")
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": ["Needs", 1, 3, 8, 3]})
        sheet.insert_chart("F3", chart)
        book.define_name("Costs", "=Needs!$D$2:$D$9")
    return file.getvalue()


def with_parts(content: bytes, **parts: Any) -> bytes:
    """The package with parts changed by a function, or left out by None; `sheet1` is xl/worksheets/sheet1.xml."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w") as new:
        for entry in old.infolist():
            change = parts.get(re.sub(r".*/|\.\w+$", "", entry.filename), lambda part: part)
            if change is not None:
                new.writestr(entry, change(old.read(entry)))
    return file.getvalue()


def copy_of(content: bytes, *groups: dict[str, Any], tlp: str | None = None) -> bytes:
    return annotate_workbook(io.BytesIO(content), list_cell_notes(groups), groups, tlp=tlp)


def book_in(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert parts.testzip() is None
        return {name: parts.read(name) for name in parts.namelist()}


def cells_of(book: openpyxl.Workbook) -> dict[tuple[str, str], Any]:
    return {
        (sheet.title, cell.coordinate): cell.value
        for sheet in book
        if sheet.title != LIST
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }


def listed(content: bytes) -> list[tuple[Any, ...]]:
    """The rows of the list of findings, by heading."""
    rows = list(book_in(content)[LIST].iter_rows(values_only=True))
    head = next(at for at, row in enumerate(rows) if row[0] == "Severity")
    return rows[head + 1 :]


# --- Annotated cells --------------------------------------------------------------------------------------------------


def test_a_finding_at_a_covered_cell_is_shown_at_the_first_cell_of_its_range():
    unread = {"reason": "merged", "sheet": "Needs", "cell": "G1", "values": {"merged": "F1:G1"}}
    groups = [group(place("G1"))]
    account = Account({"format": "xlsx", "records": 1}, [unread | {"message": "", "expected": ""}])
    copy = annotate_workbook(io.BytesIO(rich()), list_cell_notes(groups), groups, account=account)
    assert "IISG-D" in book_in(copy)["Needs"]["F1"].comment.text
    assert listed(copy)[0][3] == "G1"


def test_a_cell_with_a_finding_is_coloured_and_commented():
    cell = book_in(copy_of(rich(), group(place("B3"))))["Needs"]["B3"]
    assert cell.value == "Title 2"
    assert cell.fill.fgColor.rgb == "FFF8CBAD"
    assert cell.comment.text == (
        "IISG-D: GEN-03 (error)\nThe title is short enough to be read\n"
        "Found: The title has 4 characters.\nExpected: Between 8 and 250."
    )
    assert cell.comment.author == "IISG-D findings"


def test_a_coloured_cell_keeps_its_number_format_border_and_font():
    old, new = rich(), copy_of(rich(), group(place("C3"), place("A1")))
    for name in ("C3", "A1"):
        before, after = (book_in(content)["Needs"][name] for content in (old, new))
        for look in ("number_format", "border", "font", "alignment"):
            assert repr(getattr(after, look)) == repr(getattr(before, look))
        assert after.fill.fgColor.rgb == "FFF8CBAD"


def test_findings_at_a_cell_share_a_comment_and_the_most_severe_sets_the_colour():
    groups = [
        group(place("B3"), severity="info", rule="GEN-90"),
        group(place("B3"), severity="blocker", rule="GEN-91"),
        group(place("B3"), severity="warning", rule="GEN-92"),
    ]
    cell = book_in(copy_of(rich(), *groups))["Needs"]["B3"]
    assert cell.fill.fgColor.rgb == "FFF4A6A6"
    assert re.findall(r"IISG-D: (\S+)", cell.comment.text) == ["GEN-91", "GEN-92", "GEN-90"]


def test_the_length_of_a_comment_is_limited():
    endless = group(*(place("B3", message="x" * 50_000) for _ in range(MAX_NOTES_PER_CELL + 3)))
    text = book_in(copy_of(rich(), endless))["Needs"]["B3"].comment.text
    assert len(text) < 10_000
    assert text.endswith("3 more in the list of findings.")


def test_an_existing_comment_stays_above_the_findings():
    sheet = book_in(copy_of(rich(), group(place("B5"))))["Needs"]
    assert sheet["B5"].comment.text.startswith("Ask Ann about this\n\nIISG-D: GEN-03 (error)\n")
    assert [sheet.cell(1, column).comment.text for column in (1, 2)] == ["What ref means", "What title means"]


def test_only_boxes_of_extended_comments_are_lengthened():
    old, new = (
        parts_of(each)["xl/drawings/vmlDrawing1.vml"]
        for each in (rich(), copy_of(rich(), group(place("B5"))))
    )
    anchors = [re.findall(rb"<x:Anchor>([^<]*)<", part) for part in (old, new)]
    changed = [
        (before.split(b", "), after.split(b", "))
        for before, after in zip(*anchors, strict=True)
        if before != after
    ]
    ((before, after),) = changed
    assert before[:6] == after[:6]
    assert int(after[6]) > int(before[6]) + 3


def test_a_missing_cell_is_added_with_the_style_of_its_column():
    content = copy_of(rich(), group(place("E3"), place("C12"), place("A7"), place("C30")))
    sheet = book_in(content)["Needs"]
    assert sheet["C12"].number_format == "d.m.yyyy"
    assert all(sheet[name].comment for name in ("E3", "C12", "A7", "C30"))
    part = etree.fromstring(parts_of(content)["xl/worksheets/sheet1.xml"])
    rows = [int(row.get("r")) for row in part.iterfind(".//{*}row")]
    assert rows == sorted(set(rows))
    for row in part.iterfind(".//{*}row"):
        columns = [openpyxl.utils.cell.coordinate_to_tuple(cell.get("r"))[1] for cell in row]
        assert columns == sorted(set(columns))


def test_findings_without_a_cell_are_only_listed():
    content = copy_of(
        rich(), group(place(None, message="The marking is missing."), place("B9", sheet="Gone"))
    )
    assert not any(cell.comment for cell in book_in(content)["Needs"]["B"][1:] if cell.coordinate != "B5")
    assert [(line[2], line[3], line[7]) for line in listed(content)[:2]] == [
        (None, None, "The marking is missing."),
        ("Gone", "B9", "The title has 4 characters."),
    ]


# --- The list ---------------------------------------------------------------------------------------------------------


def test_the_list_links_each_place_to_its_cell():
    content = copy_of(
        rich(), group(place("B3"), left_out=7), group(place("C4"), severity="warning"), tlp="TLP:RED"
    )
    sheet = book_in(content)[LIST]
    assert sheet["A2"].value == "8 errors, 1 warning"
    first, second, _, left_out, marking, *_ = listed(content)
    assert first == (
        *("error", "GEN-03", "Needs", "B3", "AL-3", "title", "Cars"),
        *("The title has 4 characters.", "Between 8 and 250.", "Titles stand in tables.", None),
    )
    assert second[:4] == ("warning", "GEN-03", "Needs", "C4")
    assert (left_out[0], marking[0]) == ("7 more findings of GEN-03 are not listed.", "TLP:RED")
    assert [sheet[name].hyperlink.location for name in ("D6", "D7")] == ["'Needs'!B3", "'Needs'!C4"]


def test_the_list_has_the_footnote_where_it_names_kosovo():
    assert FOOTNOTE in str(listed(copy_of(rich(), group(place("B3", value="Police of Kosovo*")))))
    assert FOOTNOTE not in str(listed(copy_of(rich(), group(place("B3")))))


def test_the_list_of_a_workbook_annotated_twice_says_which_list_is_current():
    twice = copy_of(
        copy_of(rich(), group(place("B3"), place("B5"))), group(place("B3", message="Now"), place("B5"))
    )
    book = book_in(twice)
    assert book.sheetnames == ["Needs", "Notes", LIST, f"{LIST} (2)"]
    assert "previous check" in book[f"{LIST} (2)"]["A4"].value
    assert book[LIST]["A4"].value is None
    assert re.findall("Found: (.*)", book["Needs"]["B3"].comment.text) == ["Now"]
    assert book["Needs"]["B5"].comment.text.startswith("Ask Ann about this")


@pytest.mark.parametrize(
    "text", ["=1+1", "@SUM(A1)", "<r>x</r>", "_x0041_", "\x00\x0b\ud800", "a\r\nb", "]]>&amp;"]
)
def test_values_of_records_are_texts_in_the_list_and_in_comments(text):
    content = copy_of(rich(), group(place("B3", value=text, message=text)))
    part = next(part for name, part in parts_of(content).items() if "iisgd" in name and name.endswith(".xml"))
    assert b"<f" not in part
    shown = re.sub("_x([0-9A-F]{4})_", lambda found: chr(int(found[1], 16)), listed(content)[0][6])
    assert shown == text.replace("\r\n", "\n").replace("\x00\x0b\ud800", "\ufffd\ufffd\ufffd")
    assert f"Found: {shown}" in book_in(content)["Needs"]["B3"].comment.text.replace("_x005F_", "_")


# --- Unchanged content ------------------------------------------------------------------------------------------------


def test_unchanged_parts_are_byte_for_byte_equal():
    old = rich()
    new = copy_of(old, group(place("B3"), place("B5")))
    before, after = parts_of(old), parts_of(new)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {
        *("[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"),
        *("xl/worksheets/sheet1.xml", "xl/comments1.xml", "xl/drawings/vmlDrawing1.vml"),
    }
    assert after.keys() - before.keys() == {"xl/worksheets/iisgd.xml"}
    assert list(before) == list(after)[:-1]


def test_only_the_tags_of_annotated_cells_change():
    part = "xl/worksheets/sheet1.xml"
    before, after = parts_of(rich())[part], parts_of(copy_of(rich(), group(place("B3"))))[part]
    without = re.compile(rb'<c r="B3"[^>]*>|<row r="3"[^>]*>')
    assert without.sub(b"", before) == without.sub(b"", after)


def test_unchanged_entries_are_not_recompressed():
    old = rich()
    new = copy_of(old, group(place("B3")))
    with zipfile.ZipFile(io.BytesIO(old)) as before, zipfile.ZipFile(io.BytesIO(new)) as after:
        for name in ("xl/charts/chart1.xml", "xl/sharedStrings.xml", "docProps/core.xml"):
            mine, its = after.getinfo(name), before.getinfo(name)
            assert (mine.compress_size, mine.date_time, mine.CRC) == (
                its.compress_size,
                its.date_time,
                its.CRC,
            )


def test_entries_with_data_descriptors_are_copied():
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: Any) -> int:
            raise OSError("a pipe")

        def tell(self) -> int:
            raise OSError("a pipe")

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as file:
        for name, part in parts_of(rich()).items():
            file.writestr(name, part)
    streamed = pipe.getvalue()
    with zipfile.ZipFile(io.BytesIO(streamed)) as file:
        assert file.infolist()[0].flag_bits & 0x08
    content = copy_of(streamed, group(place("B3")))
    assert cells_of(book_in(content)) == cells_of(book_in(rich()))


# --- Workbooks of all kinds -------------------------------------------------------------------------------------------


def marked_and_whole(content: bytes, before: bytes | None = None) -> None:
    """Assert that a copy has its comment and unchanged cells."""
    copied = book_in(copy_of(content, group(place("B3"))))
    assert cells_of(copied) == cells_of(book_in(before or content))
    assert copied["Needs"]["B3"].comment.text.startswith("IISG-D")
    assert copied["Needs"]["B3"].fill.fgColor.rgb == "FFF8CBAD"


def test_a_sheet_with_namespace_prefixes_is_annotated():
    def prefixed(part: bytes) -> bytes:
        named = re.sub(rb"<(/?)(\w+)(?=[\s/>])", rb"<\1x:\2", part)
        return named.replace(b"xmlns=", b"xmlns:x=")

    marked_and_whole(with_parts(rich(), sheet1=prefixed, styles=prefixed), before=rich())


def test_a_strict_workbook_is_annotated_in_its_own_namespaces():
    strict = {MAIN: b"http://purl.oclc.org/ooxml/spreadsheetml/main"}
    strict[RELATIONS] = b"http://purl.oclc.org/ooxml/officeDocument/relationships"

    def translated(part: bytes, words: dict[bytes, bytes]) -> bytes:
        for one, other in words.items():
            part = part.replace(one, other)
        return part

    names = {re.sub(r".*/|\.\w+$", "", name) for name in parts_of(rich())}
    content = with_parts(rich(), **{name: lambda part: translated(part, strict) for name in names})
    copied = copy_of(content, group(place("B3")))
    assert not any(MAIN in part or RELATIONS in part for part in parts_of(copied).values())
    back = {other: one for one, other in strict.items()}
    names |= {"iisgd"}
    readable = with_parts(copied, **{name: lambda part: translated(part, back) for name in names})
    assert book_in(readable)["Needs"]["B3"].comment.text.startswith("IISG-D")


def test_rows_and_cells_without_references_are_counted():
    def unnumbered(part: bytes) -> bytes:
        return re.sub(rb'(<(?:row|c)) r="\w+"', rb"\1", part)

    marked_and_whole(with_parts(rich(), sheet1=unnumbered))


def test_a_workbook_without_styles_gets_a_styles_part():
    book = io.BytesIO()
    with xlsxwriter.Workbook(book) as made:
        made.add_worksheet("Needs").write_string("B3", "Cars")
    without = re.compile(rb"<(Override|Relationship)[^>]*styles[^>]*/>")
    mentions = {name: lambda part: without.sub(b"", part) for name in ("[Content_Types]", "workbook.xml")}
    marked_and_whole(with_parts(book.getvalue(), styles=None, **mentions))


def test_the_legacy_drawing_element_is_inserted_in_schema_order():
    book = io.BytesIO()
    with xlsxwriter.Workbook(book) as made:
        sheet = made.add_worksheet("Needs")
        sheet.add_table("A1:B9")
        sheet.insert_chart("D1", chart := made.add_chart({"type": "bar"}))
        chart.add_series({"values": ["Needs", 1, 0, 8, 0]})
    part = parts_of(copy_of(book.getvalue(), group(place("B3"))))["xl/worksheets/sheet1.xml"]
    names = [etree.QName(each).localname for each in etree.fromstring(part)]
    assert names[-3:] == ["drawing", "legacyDrawing", "tableParts"]


def test_an_empty_sheet_and_an_empty_row_are_annotated():
    book = io.BytesIO()
    with xlsxwriter.Workbook(book) as made:
        made.add_worksheet("Needs")
    copied = book_in(copy_of(book.getvalue(), group(place("B3"), place("A1"))))["Needs"]
    assert [bool(copied[name].comment) for name in ("A1", "B3")] == [True, True]


def test_comments_written_by_openpyxl_are_extended():
    book = openpyxl.Workbook()
    book.active.title = "Needs"
    book.active["B3"] = "Cars"
    book.active["B3"].comment = Comment("Mine", "Ann")
    book.active["B3"].font = Font(bold=True)
    book.active["B3"].fill = PatternFill("solid", fgColor="FF00FF00")
    file = io.BytesIO()
    book.save(file)
    cell = book_in(copy_of(file.getvalue(), group(place("B3"))))["Needs"]["B3"]
    assert cell.comment.text.startswith("Mine\n\nIISG-D: GEN-03")
    assert (cell.font.bold, cell.fill.fgColor.rgb) == (True, "FFF8CBAD")


@pytest.mark.parametrize("chunk_size", [1, 7, 64, 4096])
def test_a_sheet_is_copied_the_same_in_chunks_of_any_size(chunk_size):
    part = parts_of(rich())["xl/worksheets/sheet1.xml"]
    marked = {3: {2: "error", 9: "info"}, 12: {1: "error"}}
    copies = []
    for size in (chunk_size, len(part)):
        sink = io.BytesIO()
        copy_sheet(
            io.BytesIO(part), sink, marked, lambda style, _: style + 1, drawing="rId9", chunk_size=size
        )
        copies.append(sink.getvalue())
    assert copies[0] == copies[1] != part


# --- Hostile workbooks ------------------------------------------------------------------------------------------------

BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize("part", ["sheet1", "styles", "comments1", "workbook", "[Content_Types]"])
def test_a_part_with_a_doctype_is_refused(part):
    def bombed(content: bytes) -> bytes:
        return re.sub(rb"^(<\?xml.*?\?>)?", lambda head: head[0] + BOMB, content, count=1)

    with pytest.raises(WorkbookIsBroken, match="DOCTYPE"):
        copy_of(with_parts(rich(), **{part: bombed}), group(place("B3")))


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("sheet1", lambda part: part[:-40]),
        ("sheet1", lambda part: part.replace(b'<row r="3"', b'<row r="three"')),
        ("sheet1", lambda part: part.replace(b'<c r="B3"', b'<c r="3B"')),
        ("sheet1", lambda part: part.replace(b'r:id="rId2"', b"")),
        ("styles", lambda _: b""),
        ("comments1", lambda part: part.replace(b"authors", b"others")),
        ("vmlDrawing1", lambda part: part.replace(b"</xml>", b"")),
        ("vmlDrawing1", None),
        ("workbook", lambda part: part.replace(b'sheetId="1"', b'sheetId="one"')),
    ],
)
def test_a_malformed_workbook_is_refused(part, change):
    with pytest.raises(WorkbookIsBroken, match="cannot be annotated"):
        copy_of(with_parts(rich(), **{part: change}), group(place("B3")))


def test_a_part_with_too_many_elements_is_refused():
    def endless(part: bytes) -> bytes:
        return part.replace(b"<commentList>", b"<commentList>" + b"<x/>" * 500_001)

    with pytest.raises(WorkbookIsBroken, match="more than 500,000 elements"):
        copy_of(with_parts(rich(), comments1=endless), group(place("B3")))


def test_unclosed_boxes_are_scanned_in_linear_time():
    def endless(part: bytes) -> bytes:
        return part.replace(b"</xml>", b"<x:ClientData>" * 300_000 + b"</xml>")

    began = time.process_time()
    copy_of(with_parts(rich(), vmlDrawing1=endless), group(place("B5")))
    assert time.process_time() - began < 5


def test_an_unknown_encoding_is_refused():
    def strange(part: bytes) -> bytes:
        return part.replace(b"UTF-8", b"EBCDIC-42")

    with pytest.raises(WorkbookIsBroken, match="encoding"):
        copy_of(with_parts(rich(), styles=strange), group(place("B3")))


# --- Properties -------------------------------------------------------------------------------------------------------

VALUES = st.one_of(
    st.integers(-(10**9), 10**9),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.booleans(),
    st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12).filter(
        lambda text: text.strip() and text[0] not in "={" and "_x" not in text
    ),
)
PLACES = st.tuples(st.integers(1, 40), st.integers(1, 30))
CELLS = st.dictionaries(PLACES, VALUES, max_size=25)


def by_openpyxl(cells: dict[tuple[int, int], Any], commented: set[tuple[int, int]]) -> bytes:
    book = openpyxl.Workbook()
    book.active.title = "Needs"
    for (row, column), value in cells.items():
        book.active.cell(row, column, value)
    for row, column in commented:
        book.active.cell(row, column).comment = Comment(f"Mine {row}", "Ann")
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def by_xlsxwriter(cells: dict[tuple[int, int], Any], commented: set[tuple[int, int]]) -> bytes:
    file = io.BytesIO()
    options = {"strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet("Needs")
        for (row, column), value in cells.items():
            sheet.write(row - 1, column - 1, value)
        for row, column in commented:
            sheet.write_comment(row - 1, column - 1, f"Mine {row}")
    return file.getvalue()


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from([by_openpyxl, by_xlsxwriter]),
    CELLS,
    st.sets(PLACES, max_size=5),
    st.sets(PLACES, min_size=1),
)
def test_annotating_any_cell_of_any_workbook_keeps_all_values(write, cells, commented, marked):
    content = write(cells, commented)
    names = [f"{get_column_letter(column)}{row}" for row, column in marked]
    copied = book_in(copy_of(content, group(*map(place, names))))
    assert cells_of(copied) == cells_of(book_in(content))
    sheet = copied["Needs"]
    for row, column in marked | commented:
        said = sheet.cell(row, column).comment.text
        assert ("IISG-D" in said) == ((row, column) in marked)
        assert (f"Mine {row}" in said) == ((row, column) in commented)
        assert (sheet.cell(row, column).fill.fgColor.rgb == "FFF8CBAD") == ((row, column) in marked)


def test_a_note_has_the_facts_of_its_finding():
    groups = [group(place("B3"), place(None))]
    assert list_cell_notes(groups) == [
        CellNote(
            sheet="Needs",
            cell="B3",
            rule="GEN-03",
            severity="error",
            title="The title is short enough to be read",
            message="The title has 4 characters.",
            expected="Between 8 and 250.",
        )
    ]


def test_long_lines_below_the_list_are_wrapped_so_that_it_can_be_printed():
    columns = [{"field": f"field_{at}", "column": "A", "heading": f"Heading {at}"} for at in range(90)]
    account = Account({"format": "xlsx", "records": 1, "columns": columns})
    sheet = book_in(annotate_workbook(io.BytesIO(rich()), [], [], account=account))[LIST]
    [long] = [row[0] for row in sheet.iter_rows() if "Heading 89" in str(row[0].value)]
    assert f"{long.coordinate}:H{long.row}" in {str(each) for each in sheet.merged_cells.ranges}
    assert long.alignment.wrap_text
    assert sheet.row_dimensions[long.row].height > 60
    assert sheet.print_title_rows == "$5:$5"
    assert sheet[5][0].value == "Severity"


# --- What was read ----------------------------------------------------------------------------------------------------


def test_the_list_says_what_was_read_and_has_a_line_for_each_part_that_was_not():
    part = {"reason": "note", "bears": "text", "message": "The row was not read.", "expected": "Nothing."}
    parts = [
        {**part, "sheet": "Needs", "row": 12, "cell": "A12"},
        {**part, "sheet": "Notes", "message": "The sheet was not read."},
        {**part, "ref": "XM-1", "element": "transaction 2", "amount": "1,234"},
    ]
    read = {
        "format": "xlsx",
        "records": 8,
        "sheet": "Needs",
        "other_sheets": ["Notes"],
        "heading_row": 1,
        "rows": 8,
    }
    found = place("A12", pointer="/unread/0", ref=None, value=None, message="The row was not read.")
    groups = [group(found, rule="GEN-205", severity="warning")]
    content = annotate_workbook(
        io.BytesIO(rich()), list_cell_notes(groups), groups, account=Account(read, parts)
    )
    book = book_in(content)
    texts = [str(row[0]) for row in book[LIST].iter_rows(values_only=True)]
    assert "1 warning. 3 parts of the file were not read, or not as they were written." in texts
    assert {"Sheet read: Needs", "Sheets not read: Notes", "Row of headings: 1", "Rows read: 8"} <= set(texts)
    first, sheet, amount = listed(content)[:3]
    assert (first[:4], first[7]) == (("warning", "GEN-205", "Needs", "A12"), "The row was not read.")
    assert (sheet[2], sheet[7]) == ("Notes", "The sheet was not read.")
    assert amount[4:8] == ("XM-1", "transaction 2", "1,234", "The row was not read.")
    assert "The row was not read." in book["Needs"]["A12"].comment.text


def test_the_list_of_a_workbook_without_an_account_says_nothing_of_it():
    texts = [str(row[0]) for row in book_in(copy_of(rich()))[LIST].iter_rows(values_only=True)]
    assert "No findings." in texts
