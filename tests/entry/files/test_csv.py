"""The CSV reader, with files of many programs and locales."""

import pytest

from services.entry.files.domain import media_types
from services.entry.files.domain.cell_refs import column_letters
from services.entry.files.formats.headings import MAX_COLUMNS
from services.validation.engine.domain.evaluation.origins import Origins
from tests.entry.files.samples import read, refusal, table


def test_headings_name_fields_blocks_and_entries_of_lists():
    [record] = table(
        "ref,title,beneficiaries.0.code,beneficiaries.0.percentage,beneficiaries.1.code,equipment.0.name",
        "P-1,Course,AL,50,XK,",
        kind="support",
    )
    assert record == {
        "ref": "P-1",
        "title": "Course",
        "beneficiaries": [{"code": "AL", "percentage": 50}, {"code": "XK"}],
    }


@pytest.mark.parametrize(
    "headings",
    [
        "ref;title;priority_level;training.topic",
        "Reference;Title;Priority level;Training: topic",
        " REFERENCE * ;title*;PRIORITY   LEVEL;training - TOPIC",
        "Referenca;Titulli;Niveli i prioritetit;Trajnimi: tema",
        "Referentna oznaka;Naslov;Nivo prioriteta;Obuka: tema",
        "Referentna oznaka;Naslov;Razina prioriteta;Osposobljavanje: tema",
        "Референтна ознака;Наслов;Ниво приоритета;Обука: тема",
        "Референтна ознака;Наслов;Ниво на приоритет;Обука: тема",
    ],
)
def test_headings_are_names_or_labels_in_any_language_of_the_partners_in_any_case(headings):
    [record] = table(headings, "A-1;Course;high;Analysis")
    assert record == {
        "ref": "A-1",
        "title": "Course",
        "priority_level": "high",
        "training": {"topic": "Analysis"},
    }


def test_labels_are_known_without_their_accents_and_with_the_number_of_an_entry():
    [record] = table(
        "Referenca,Titulli,Perfituesi 2: kodi,Përfituesi 1: kodi,Perfituesi 1: perqindja",
        "A,b,XK,AL,60",
        kind="support",
    )
    assert record["beneficiaries"] == [{"code": "AL", "percentage": 60}, {"code": "XK"}]


def test_columns_come_in_any_order_below_titles_and_a_finding_leads_to_its_cell():
    content = 'Needs of Albania;;;\n;;;\nTitle;notes;;Reference\n"two\nlines";x;;A\n;;;\ny;;z;B\n'
    records, reading = read(content.encode(), media_types.CSV, name="needs.csv")
    assert records == [{"title": "two\nlines", "notes": "x", "ref": "A"}, {"title": "y", "ref": "B"}]
    origins = Origins(**reading.origins)
    assert origins.rows == [4, 6]
    assert origins.cell("/records/1/ref") == {"sheet": "needs.csv", "row": 6, "cell": "D6"}
    assert origins.cell("/records/0/notes") == {"sheet": "needs.csv", "row": 4, "cell": "B4"}


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        *(("12", 12), ("-3.50", -3.5), ("12 000", 12000), ("1.234,56", 1234.56), ("1,5", 1.5)),
        *(
            ("1.234", "1.234"),
            ("1,234", "1,234"),
            ("nan", "nan"),
            ("1e9", "1e9"),
            ("25%", "25%"),
            ("a lot", "a lot"),
        ),
    ],
)
def test_a_number_is_read_and_an_invalid_or_ambiguous_one_stays_a_text(cell, value):
    [record] = table("ref;title;estimated_cost", f"A;b;{cell}")
    assert record["estimated_cost"] == value


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("33.333", 33.333),
        ("33,333", 33.333),
        ("25%", 25),
        ("25,5 %", 25.5),
        ("0,5", 0.5),
        ("1.234.567", 1234567),
    ],
)
def test_a_percentage_that_cannot_be_thousands_is_a_fraction(cell, value):
    [record] = table("ref;title;sectors.0.percentage", f"A;b;{cell}", kind="support")
    assert record["sectors"] == [{"percentage": value}]


@pytest.mark.parametrize(
    ("cell", "value"), [("1.234", 1234), ("1,250", 1250), ("1.000", "1.000"), ("12", 12), ("1,5", 1.5)]
)
def test_an_ambiguous_integer_is_read_as_thousands(cell, value):
    [record] = table("ref;title;training.officials", f"A;b;{cell}")
    assert record["training"] == {"officials": value}


@pytest.mark.parametrize(
    ("cell", "value"),
    [("1.3.2015", "2015-03-01"), ("30.3.2016.", "2016-03-30"), ("03/04/2016", "03/04/2016")],
)
def test_a_date_is_read_and_an_ambiguous_one_stays_a_text(cell, value):
    [record] = table("ref;title;target_date", f"A;b;{cell}")
    assert record["target_date"] == value


@pytest.mark.parametrize(
    ("heading", "cell", "value"),
    [
        ("urgency", "Short term", "short_term"),
        ("urgency", "SHORT-TERM", "short_term"),
        ("urgency", "soonish", "soonish"),
        ("disposition", "Partly covered", "partly_covered"),
        ("tlp", "tlp:amber+strict", "TLP:AMBER+STRICT"),
        ("theme", "Investigating terrorism financing", "jap25_financing"),
        ("theme", "JAP25_FINANCING", "jap25_financing"),
        ("theme", "something else", "something else"),
        ("currency", "euro", "EUR"),
        ("capabilities", "Training; IT;\nno such", ["training", "it", "no such"]),
        ("cross_border_with", "Kosovo*; North Macedonia; RS", ["XK", "MK", "RS"]),
        (
            "beneficiary_institutions",
            "Border Police;;Customs, central office",
            ["Border Police", "Customs, central office"],
        ),
    ],
)
def test_a_code_is_read_from_its_code_or_label_in_any_case(heading, cell, value):
    [record] = table(f"ref,title,{heading}", f'A,b,"{cell}"')
    assert record[heading] == value


@pytest.mark.parametrize(
    ("path", "cell", "value"),
    [
        ("activity_status", "2", "2"),
        ("activity_status", "Implementation", "2"),
        ("activity_status", "2 - Implementation", "2"),
        ("organisations.0.role", "Funding (1)", "1"),
        ("sectors.0.code", "15210 Security system management and reform", "15210"),
        ("beneficiaries.0.code", "Western Balkans, regional", "89"),
    ],
)
def test_a_code_may_be_followed_by_its_label(path, cell, value):
    [record] = table(f"ref;title;{path}", f"A;b;{cell}", kind="support")
    name, *rest = path.split(".")
    assert record[name] == (value if not rest else [{rest[1]: value}])


def test_a_column_without_a_field_keeps_its_heading():
    [record] = table(
        "ref,title,titel,title part,training.nosuch,needs.x.ref,sectors", "A,b,c,d,e,f,g", kind="need"
    )
    assert record == {
        "ref": "A",
        "title": "b",
        "titel": "c",
        "title part": "d",
        "training": {"nosuch": "e"},
        "needs.x.ref": "f",
        "sectors": "g",
    }


def test_an_unknown_heading_is_truncated():
    [record] = table(f"ref,title,Theme 0: code,{'x' * 200}", "A,b,c,d", kind="support")
    assert record == {"ref": "A", "title": "b", "Theme 0: code": "c", "x" * 60: "d"}


@pytest.mark.parametrize("title", ["'=1+1", "''=2+2", "'-5 % fuel", "'Arka'", "a;'+1"])
def test_an_apostrophe_of_the_sender_stays(title):
    assert table("ref,title,description", f'A,"{title}",x') == [
        {"ref": "A", "title": title, "description": "x"}
    ]


def test_cells_shifted_by_an_unquoted_separator_are_kept():
    records, reading = read(b"ref,title\nA,Posts, new\nB,Posts\n", media_types.CSV)
    assert records == [{"ref": "A", "title": "Posts", "(no heading)": "new"}, {"ref": "B", "title": "Posts"}]
    assert Origins(**reading.origins).cell("/records/0/(no heading)")["cell"] == "C2"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_separator_encoding_and_line_end_is_read(separator, encoding, end):
    content = end.join((separator.join(("ref", "title")), separator.join(("Š-1", "Гранична контрола")), ""))
    records, _ = read(content.encode(encoding), media_types.CSV)
    assert records == [{"ref": "Š-1", "title": "Гранична контрола"}]


def test_line_ends_may_be_mixed():
    records, _ = read(b"ref;title\r\nA;x\nB;y\rC;z", media_types.CSV)
    assert [record["ref"] for record in records] == ["A", "B", "C"]


def test_the_separator_is_detected_from_the_headings_not_the_titles():
    assert table("Needs, plans, and more, of, Albania", "sep=;", "ref;title", "A;x, y, z") == [
        {"ref": "A", "title": "x, y, z"}
    ]


@pytest.mark.parametrize(
    ("content", "rule", "says", "place"),
    [
        (b"", "no-headings", "None of the first 30 rows has headings of the fields of need records", "f"),
        (b";;\na;b;c", "no-headings", "None of the first 30 rows", "f"),
        (b"\n" * 30 + b"ref;title\na;b", "no-headings", "None of the first 30 rows", "f"),
        (b"ref;title;Titulli\na;b;c", "heading-twice", "columns B and C", "cells B1 and C1 of f"),
        (b"ref;title;x;x\na;b;c", "heading-twice", "columns C and D", "cells C1 and D1 of f"),
        (b"ref;title;training;training.topic\na;b", "heading-twice", 'Column C, "training"', "cell C1 of f"),
        (b'ref;title\na;"b', "broken-row", "The quotation marks of row 2 do not match", "line 2"),
        (b'ref;title\na;"b"c"\n', "broken-row", "The quotation marks of row 2 do not match", "line 2"),
        (b'ref;title\na;"' + b"x" * 140_000, "broken-row", "A cell of row 2 has more than 131,072", "line 2"),
        (b"ref;title\na;b\nc;\xff", "encoding", "The file is not UTF-8", "line 3, byte 17 of the file"),
        (
            b"\xff\xfer\x00e\x00f\x00;\x00t\x00i\x00t\x00l\x00e\x00\n\x00a",
            "encoding",
            "The file is not UTF-16",
            None,
        ),
        (b"ref;title\na;b\nc;d\0e", "nul", "The file contains a NUL character", "line 3, character 4"),
        (
            b"ref;title\n" + b"x" * 4_000_001,
            "long-line",
            "A line has more than 4,000,000 characters",
            "line 2",
        ),
        (
            b"ref;title;" + b";".join(b"%d" % n for n in range(1_000)),
            "too-many-columns",
            "1,002 columns",
            "row 1 of f",
        ),
        (
            b"ref;title;" + b";".join(b"x%d" % n for n in range(101)),
            "too-many-columns",
            "101 columns whose",
            "row 1 of f",
        ),
        (
            b"ref;title\n" + b"x;y\n" * 300_000 + b"\xffx",
            "encoding",
            "not UTF-8",
            "line 300002, byte 1200011 of the file",
        ),
    ],
    ids=lambda value: "a table" if isinstance(value, bytes) else None,
)
def test_the_refusal_of_a_table_has_its_reason_location_and_remedy(content, rule, says, place):
    refused = refusal(content, media_types.CSV)
    assert (refused.rule, says in refused.message, bool(refused.expected)) == (rule, True, True), (
        refused.message
    )
    assert place is None or refused.place == place


def test_the_refusal_of_a_table_without_headings_names_known_headings():
    assert refusal(b"Name;Amount\n", media_types.CSV).expected == (
        'A row of headings such as "Reference" (or "ref") and "Title" (or "title"), in English or a partner\'s language.'
    )


def test_columns_are_named_as_spreadsheets_name_them():
    assert [column_letters(each) for each in (1, 26, 27, 702, 703, MAX_COLUMNS)] == [
        "A",
        "Z",
        "AA",
        "ZZ",
        "AAA",
        "ALL",
    ]


def test_letters_in_utf_8_that_are_declared_otherwise_are_reported():
    for charset, reasons in (("windows-1250", ["declared-encoding"]), ("utf-8", [])):
        _, reading = read("ref;title\nA-1;Šuma".encode(), f"text/csv; charset={charset}")
        assert [each.reason for each in reading.unread] == reasons


def test_a_cell_below_a_blank_heading_is_no_shifted_cell():
    records, reading = read(b"ref;title;\nA-1;x;note", media_types.CSV)
    assert records == [{"ref": "A-1", "title": "x"}]
    assert [each.reason for each in reading.unread] == ["column-without-heading"]


@pytest.mark.parametrize(
    ("cell", "ref", "reported"),
    [
        ('="007"', "007", 1),
        ('"=""007"""', "007", 1),
        ('"=""a""""b"""', 'a"b', 1),
        ('=""', None, 1),
        ("=A1", "=A1", 0),
        ('="a"&"b"', '="a"&"b"', 0),
        ('=007"', '=007"', 0),
    ],
)
def test_a_text_that_is_written_as_a_formula_is_read_as_that_text_and_reported(cell, ref, reported):
    records, reading = read(f"ref;title\n{cell};x\nB;y".encode(), media_types.CSV)
    assert [each.get("ref") for each in records] == [ref, "B"]
    found = [(each.reason, each.cell, each.values["count"]) for each in reading.unread]
    assert found == [("quoted-formulas", "A2", 1)] * reported


def test_headings_that_are_written_as_formulas_are_known():
    records, _ = read(b'="ref";="title"\n="1";="="\n', media_types.CSV)
    assert records == [{"ref": "1", "title": "="}]


def test_headings_of_a_second_file_with_its_byte_order_mark_are_no_record():
    records, reading = read("ref;title\nA;x\n\ufeffref;title\nB;y".encode(), media_types.CSV)
    assert [each["ref"] for each in records] == ["A", "B"]
    assert [(each.reason, each.row) for each in reading.unread] == [("repeated-headings", 3)]


@pytest.mark.parametrize("text", ["Šuma i čekić", "është çmimi", "Тајна", "Žena"])
@pytest.mark.parametrize("codec", ["cp1252", "latin-1"])
def test_letters_that_were_damaged_before_are_reported_as_they_are(text, codec):
    damaged = text.encode().decode(codec, "replace")
    records, reading = read(f"ref;title\nA;b\nB;{damaged}\n".encode(), media_types.CSV)
    assert records[1]["title"] == damaged
    [part] = reading.unread
    assert (part.reason, part.values["line"], part.values["count"]) == ("damaged-letters", 3, 1)


def test_letters_of_other_languages_are_not_damaged():
    text = "Größe, Ärzte, Œuvre, Åse, Español, ANÃO, «Ã», „Ä“, Ñ, Č"
    assert read(f'ref;title\nA;"{text}"\n'.encode(), media_types.CSV)[1].unread == []
