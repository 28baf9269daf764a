"""Texts of files as a person reads them: markings are found in every part, encoding and spelling."""

# ruff: noqa: RUF001 - markings are written in Cyrillic, too

import io

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.worksheet.datavalidation import DataValidation

from services.entry.files.domain import archives, media_types
from services.entry.files.domain.refusals import FileIsRefused
from services.entry.files.operations import list_texts
from shared.reference.markings import find_marking
from tests.entry.files.samples import HEAD, WORKBOOK, archive, sheet

RUNS = "<r><t>RESTR</t></r><r><rPr><b/><sz val='11'/></rPr><t>EINT UE</t></r>"
TAJNO = "<r><t>TAJ</t></r><r><rPr><b/></rPr><t>NO</t></r>"
DRAWN = '<a:p><a:r><a:rPr lang="sr"><a:solidFill/></a:rPr><a:t>TAJ</a:t></a:r><a:r><a:t>NO</a:t></a:r></a:p>'


def markings_in(content: bytes, media_type: str) -> set[str | None]:
    return {find_marking(text) for _, text in list_texts(io.BytesIO(content), media_type=media_type)}


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("xl/sharedStrings.xml", f"<sst><si>{RUNS}</si></sst>"),
        ("xl/sharedStrings.xml", f"<sst><si>{TAJNO}</si></sst>"),
        ("xl/sharedStrings.xml", "<x:sst xmlns:x='y'><x:si><x:r><x:t>TAJ</x:t></x:r><x:r><x:t>NO</x:t></x:r></x:si></x:sst>"),
        ("xl/sharedStrings.xml", "<sst><si><t>_x0052_ESTREINT UE</t></si></sst>"),
        ("xl/sharedStrings.xml", "<sst><si><t>&#82;ESTREINT&#x20;UE</t></si></sst>"),
        ("xl/sharedStrings.xml", "<sst><si><t><![CDATA[RESTREINT UE]]></t></si></sst>"),
        ("xl/sharedStrings.xml", "<sst><si><t>RESTR<!-- -->EINT UE</t></si></sst>"),
        ("xl/sharedStrings.xml", "<sst><!-- RESTREINT UE --></sst>"),
        ("xl/sharedStrings.xml", "<sst><si><t>R E S T R E I N T   U E</t></si></sst>"),
        ("xl/sharedStrings.xml", "<sst><si><t>TAJ</t><rPh sb='0' eb='1'><t>x</t></rPh><t>NO</t></si></sst>"),
        (
            "xl/worksheets/sheet1.xml",
            sheet(f'{HEAD}<row r="2"><c r="A2" t="inlineStr"><is>{RUNS}</is></c></row>'),
        ),
        (
            "xl/worksheets/sheet1.xml",
            sheet(f'{HEAD}<row r="2"><c r="A2" t="inlineStr"><is><t>RESTREINT</t></is></c><c r="B2" t="inlineStr">'
                  "<is><t>UE</t></is></c></row>"),
        ),
        (
            "xl/worksheets/sheet2.xml",
            '<worksheet><headerFooter><oddHeader>&amp;L&amp;"Arial,Bold"&amp;12RESTR&amp;BEINT UE</oddHeader></headerFooter></worksheet>',
        ),
        (
            "xl/worksheets/sheet2.xml",
            "<worksheet><headerFooter><firstFooter>&amp;CTAJ&amp;K00FF00&amp;BNO</firstFooter></headerFooter></worksheet>",
        ),
        ("xl/worksheets/sheet2.xml", "<x><dataValidation promptTitle='Note' prompt='RESTREINT&#10;UE'/></x>"),
        ("xl/worksheets/sheet2.xml", '<x><hyperlink ref="A1" tooltip="RESTREINT UE"/></x>'),
        ("xl/workbook.xml", WORKBOOK["xl/workbook.xml"].replace('name="Needs"', 'name="RESTREINT UE"')),
        ("xl/workbook.xml", WORKBOOK["xl/workbook.xml"].replace("</workbook>", "<definedNames><definedName name='a'>\"TOP SECRET\"</definedName></definedNames></workbook>")),
        *(
            ("xl/worksheets/sheet1.xml", sheet(f'{HEAD}<row r="2"><c r="A2"><f>{formula}</f></c></row>'))
            for formula in (
                '"RESTR"&amp;"EINT UE"',
                "&quot;RESTR&quot; &amp; &quot;EINT UE&quot;",
                'CONCATENATE("RESTREINT"," ","UE")',
                'TEXTJOIN("";1;"STROGO ";"POVJERLJIVO")',
            )
        ),
        ("xl/worksheets/sheet1.xml", sheet(f'{HEAD}<row r="2"><c r="A2" t="str"><f>A3&amp;B3</f><v>RESTREINT UE</v></c></row>')),
        ("xl/styles.xml", "<x><numFmt numFmtId='170' formatCode='&quot;RESTR&quot;&quot;EINT UE&quot; 0'/></x>"),
        ("xl/styles.xml", '<x><numFmt numFmtId="170" formatCode="\\T\\A\\J\\N\\O 0"/></x>'),
        ("xl/comments1.xml", f"<comments><comment ref='A1'><text>{RUNS}</text></comment></comments>"),
        ("xl/threadedComments/threadedComment1.xml", "<T><threadedComment><text>RESTREINT UE</text></threadedComment></T>"),
        ("xl/drawings/vmlDrawing1.vml", "<xml><v:textbox><div><font face='A'>TAJ</font><font>NO</font></div></v:textbox></xml>"),
        ("xl/drawings/vmlDrawing1.vml", "<xml><v:shape><v:textpath string='TOP SECRET'/></v:shape></xml>"),
        ("xl/drawings/drawing1.xml", f"<d>{DRAWN}</d>"),
        ("xl/charts/chart1.xml", f"<c:title><c:tx><c:rich>{DRAWN}</c:rich></c:tx></c:title>"),
        ("xl/drawings/drawing1.xml", "<d><xdr:cNvPr id='2' name='Box' descr='EU SECRET'/></d>"),
        ("docProps/core.xml", "<x><dc:title>RESTREINT UE</dc:title><dc:creator>Clerk</dc:creator></x>"),
        ("docProps/custom.xml", "<x><property name='TOP SECRET'/></x>"),
        ("docProps/app.xml", "<x><Company>TAJNO</Company></x>"),
        ("xl/printerSettings/printerSettings1.bin", "RESTREINT UE".encode("utf-16-le")),
        ("xl/embeddings/oleObject1.bin", b"\xd0\xcf\x11\xe0\0\1RESTREINT UE\0"),
        ("xl/embeddings/note.docx", archive({"word/document.xml": "<w:p><w:r><w:t>TAJ</w:t></w:r><w:r><w:t>NO</w:t></w:r></w:p>"}).getvalue()),
        ("xl/RESTREINT UE.xml", "<x/>"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("piece", [40, 1024 * 1024])
def test_a_marking_is_found_in_any_part_and_across_chunks(part, content, piece, monkeypatch):
    made = archive({**WORKBOOK, "xl/worksheets/sheet1.xml": sheet(HEAD), part: content})
    monkeypatch.setattr(archives, "CHUNK_SIZE", piece)
    monkeypatch.setattr(archives, "MAX_TEXT_SIZE", 1024)
    assert markings_in(made.getvalue(), media_types.XLSX) != {None}


def workbook_with(mark) -> bytes:
    book = openpyxl.Workbook()
    mark(book.active)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _mark_over_cells(page):
    page.append(["EU", "AL", "RESTREINT", "UE"])


def _mark_down_a_column(page):
    for letter in "RESTREINTUE":
        page.append([letter])


def _mark_validation(page):
    validation = DataValidation(
        type="list", formula1='"a,b"', promptTitle="Note", prompt="STROGO POVJERLJIVO"
    )
    validation.add("A1")
    page.add_data_validation(validation)


@pytest.mark.parametrize(
    "mark",
    [
        lambda page: setattr(page, "title", "TAJNO"),
        lambda page: setattr(page.parent.properties, "keywords", "EU SECRET"),
        lambda page: setattr(page["A1"], "comment", Comment("СТРОГО\nПОВЕРЉИВО", "Clerk")),
        lambda page: setattr(page.oddFooter.center, "text", "NATO RESTRICTED"),
        _mark_over_cells,
        _mark_down_a_column,
        _mark_validation,
    ],
)
def test_a_marking_is_found_in_a_workbook_of_another_program(mark):
    assert markings_in(workbook_with(mark), media_types.XLSX) - {None}


@pytest.mark.parametrize("cell", ['="RESTR"&"EINT UE"', '"=""RESTR"" & ""EINT UE"""'])
def test_a_marking_that_a_formula_of_a_table_joins_is_found(cell):
    assert markings_in(f"ref,title\nA-1,{cell}\n".encode(), media_types.CSV) - {None}


def test_a_workbook_whose_cells_spell_no_marking_passes():
    def fill(page):
        page.append(["EU", "NATO", "TOP", "R", "E", "S", "UE", "SECRETARIAT"])
        page.append(["Restreint", "STROGO", "UE", "АL", "ТАЈНА", "I"])

    assert markings_in(workbook_with(fill), media_types.XLSX) == {None}


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("xl/comments1.xml", "<c>ТАЈНО</c>".encode("cp1251")),
        ("xl/embeddings/a.xlsx", archive({"a.docx": archive({"x.xml": "<a/>"}).getvalue()}).getvalue()),
        ("xl/embeddings/a.docx", b"not an archive"),
    ],
)
def test_a_workbook_with_a_part_that_cannot_be_searched_is_refused(part, content):
    made = archive({**WORKBOOK, "xl/worksheets/sheet1.xml": sheet(HEAD), part: content})
    with pytest.raises(FileIsRefused):
        markings_in(made.getvalue(), media_types.XLSX)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        *(
            ("СТРОГО ПОВЕРЉИВО", each)
            for each in (
                *("cp1251", "iso8859_5", "cp855", "mac_cyrillic"),
                *("utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"),
            )
        ),
        *(
            ("DRŽAVNA TAJNA", each)
            for each in ("cp1250", "iso8859_2", "cp852", "mac_croatian", "utf-8-sig", "utf-16-le")
        ),
        *(("TEPËR SEKRET", each) for each in ("cp1250", "iso8859_2", "cp1252")),
        *(("СТРОГО ДОВЕРЛИВО", each) for each in ("cp1251", "iso8859_5", "cp866", "koi8_r", "utf-16-be")),
        ("R E S T R E I N T", "utf-16"),
        ("RESTREINT;UE", "utf-8"),
        ('"RESTREINT","UE"', "utf-8"),
    ],
)
def test_a_marking_is_found_in_a_table_in_any_encoding_of_the_region(text, encoding):
    table = (
        f"{text}\nref,title\nA-1,Обука\nB-2,Šah\n"
        if encoding.startswith("utf")
        else f"{text}\nref,title\nA-1,T\n"
    )
    assert markings_in(table.encode(encoding), media_types.CSV) - {None}


def test_a_table_in_an_old_encoding_without_a_marking_passes():
    for text, encoding in (
        ("Обука ГРАНИЧНЕ ПОЛИЦИЈЕ, ДРЖАВНА управа", "cp1251"),
        ("OBUKA GRANIČNE POLICIJE, šume", "cp1250"),
    ):
        table = f"ref,title\nA-1,{text}\n".encode(encoding)
        assert markings_in(table, media_types.CSV) == {None}


@pytest.mark.parametrize("media_type", [media_types.JSON, media_types.NDJSON])
@pytest.mark.parametrize(
    "content",
    [
        '{"records": [], "note": ["RESTREINT UE"]}',
        '{"ref": "1", "title": "\\u0052ESTREINT\\u00a0UE"}',
        '{"ref": "1", "title": "R\\u200bESTREINT\\nUE"}',
        '{"ref": "1", "title": "\\ud835\\udc11ESTREINT UE"}',
        '{"ref": "1", "title": "RESTREINT\\/UE"}',
        '{"ref": "1", "TOP SECRET": 1}',
        '{"ref": "1", "title": "R E S T R E I N T"}',
        '{"ref": "1", "title": "CONF<b class=\\"x\\">IDEN</b>TIAL"}',
    ],
)
def test_a_marking_is_found_anywhere_in_json(content, media_type):
    assert markings_in(content.encode(), media_type) - {None}


@pytest.mark.parametrize(
    "content",
    [
        b"<iati-activities><!-- RESTREINT UE --></iati-activities>",
        b"<a><narrative>RESTR<![CDATA[EINT]]> UE</narrative></a>",
        b"<a><narrative>TAJ<!-- -->NO</narrative></a>",
        b"<a><narrative>&#82;ESTREINT UE</narrative></a>",
        b"<a><narrative>R E S T R E I N T</narrative></a>",
        b"<a><document-link url='x' title='RESTREINT UE'/></a>",
        b"<a><narrative><![CDATA[CONF<b>IDEN</b>TIAL]]></narrative></a>",
        b"<a><narrative><![CDATA[<p>RESTREINT<br/>UE</p>]]></narrative></a>",
        b"<a><narrative><![CDATA[CONF<!-- x -->IDENTIAL]]></narrative></a>",
        b"<a><narrative>CONF&lt;b title='x > y'&gt;IDEN&lt;/b&gt;TIAL</narrative></a>",
        b"<a><narrative>CONF&amp;lt;b&amp;gt;IDEN&amp;lt;/b&amp;gt;TIAL</narrative></a>",
        b"<a><narrative>CONF&amp;shy;IDENTIAL</narrative></a>",
        b"<a><link title='RESTREINT UE > x'/></a>",
        b"<a><link title='x > RESTREINT UE'/></a>",
        b"<a><RESTREINT_UE/></a>",
        b"<a><x:TOP-SECRET xmlns:x='urn:x'>1</x:TOP-SECRET></a>",
        "<a><СТРОГО_ПОВЕРЉИВО/></a>".encode(),
        b"<a><b EU-SECRET='1'/></a>",
        b"<a><?marking RESTREINT UE?></a>",
        b"<?xml-stylesheet title='RESTREINT UE'?><a/>",
        b"<a><narrative>TAJ<?x?>NO</narrative></a>",
        b"<!DOCTYPE a [<!ENTITY x 'RESTREINT UE'>]><a/>",
        '<?xml version="1.0" encoding="koi8-r"?><a>СТРОГО ДОВЕРЛИВО</a>'.encode("koi8-r"),
        '<?xml version="1.0" encoding="windows-1251"?><a>СТРОГО ПОВЕРЉИВО</a>'.encode("cp1251"),
        '<?xml version="1.0" encoding="UTF-16"?><a>СТРОГО ПОВЕРЉИВО</a>'.encode("utf-16"),
    ],
)
def test_a_marking_is_found_anywhere_in_activities(content):
    assert markings_in(content, media_types.XML) - {None}


@pytest.mark.parametrize("encoding", ["undefined", "punycode", "idna", "zlib_codec", "utf-7", "koi9"])
def test_activities_in_an_encoding_of_no_text_are_searched_and_refused(encoding):
    content = f'<?xml version="1.0" encoding="{encoding}"?><a>СТРОГО ПОВЕРЉИВО</a>'.encode()
    texts = []
    with pytest.raises(FileIsRefused, match="cannot be decoded"):
        texts.extend(text for _, text in list_texts(io.BytesIO(content), media_type=media_types.XML))
    assert any(map(find_marking, texts))


def test_activities_that_cannot_be_decoded_are_searched_in_other_encodings_and_refused():
    content = "<a>СТРОГО ПОВЕРЉИВО</a>".encode("cp1251")
    found = list_texts(io.BytesIO(content), media_type=media_types.XML)
    texts = []
    with pytest.raises(FileIsRefused, match="cannot be decoded as utf-8"):
        texts.extend(text for _, text in found)
    assert any(map(find_marking, texts))
