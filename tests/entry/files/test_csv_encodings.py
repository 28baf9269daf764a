"""The encodings of CSV files: declared, marked, recognised, or refused with what would pass."""

# ruff: noqa: RUF001 - letters of the region that look like Latin ones
import io

import pytest

from services.entry.files.domain import media_types
from services.entry.files.domain.refusals import FileIsRefused
from services.entry.files.formats.csv_encodings import encoding_of
from tests.entry.files.samples import read

BOSNIAN = "Referentna oznaka;Naslov\nA-1;Jačanje kapaciteta granične policije, šverc i drogžđć\n"
ALBANIAN = "Referenca;Titulli\nA-1;Forcimi i kapaciteteve të policisë kufitare, çështje\n"
SERBIAN = "Референтна ознака;Наслов\nA-1;Јачање капацитета граничне полиције, Ђурђевак\n"
MACEDONIAN = "Референтна ознака;Наслов\nA-1;Зајакнување на капацитетите: ѓ, ќ, ѕ, џ\n"


def title(text: str, encoding: str, charset: str | None = None) -> tuple[str, str, list[str]]:
    """The title as read, the encoding, and the reasons of the account."""
    media_type = media_types.CSV if charset is None else f"{media_types.CSV}; charset={charset}"
    [record], reading = read(text.encode(encoding), media_type)
    return record["title"], reading.summary["encoding"], [each.reason for each in reading.unread]


@pytest.mark.parametrize(
    ("text", "encoding", "name"),
    [
        *((text, "cp1250", "windows-1250") for text in (BOSNIAN, ALBANIAN)),
        *((text, "cp1251", "windows-1251") for text in (SERBIAN, MACEDONIAN)),
        ("ref;title\nA-1;Opština Šid, obuka\n", "cp1250", "windows-1250"),
        ("ref;title\nA-1;Обука\n", "cp1251", "windows-1251"),
        ("ref;title\nA-1;Posts – “north”…\n", "cp1250", "windows-1250"),
    ],
)
def test_a_code_page_of_the_region_is_recognised_and_the_account_says_so(text, encoding, name):
    assert title(text, encoding) == (text.split("\n")[1].split(";")[1], name, ["encoding"])


@pytest.mark.parametrize(
    ("text", "encoding", "charset"),
    [
        *((BOSNIAN, "cp1250", each) for each in ("windows-1250", "CP1250", '"windows-1250"')),
        *((SERBIAN, "cp1251", each) for each in ("windows-1251", "cp1251")),
        *((BOSNIAN, "iso8859-2", each) for each in ("ISO-8859-2", "latin2")),
        *((SERBIAN, "iso8859-5", each) for each in ("iso-8859-5", "cyrillic")),
        *((BOSNIAN, "cp852", "ibm852"), (BOSNIAN, "utf-8", "UTF-8"), (SERBIAN, "utf-16-be", "utf-16")),
        *((BOSNIAN, "utf-8-sig", "windows-1250"), (BOSNIAN, "utf-16", "utf-8")),
    ],
)
def test_a_declared_encoding_is_used_unless_a_byte_order_mark_tells_another(text, encoding, charset):
    assert title(text, encoding, charset)[::2] == (text.split("\n")[1].split(";")[1], [])


@pytest.mark.parametrize("text", [BOSNIAN, ALBANIAN, SERBIAN, MACEDONIAN, "ref,title\r\nA,b\r\n"])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_recognised_without_a_byte_order_mark(text, encoding):
    assert encoding_of(io.BytesIO(text.encode(encoding)), declared=None).name == encoding


@pytest.mark.parametrize(
    ("content", "message", "expected"),
    [
        (BOSNIAN.encode("iso8859-2"), "It seems to be iso-8859-2.", "charset=iso-8859-2"),
        (SERBIAN.encode("iso8859-5"), "It seems to be iso-8859-5.", "charset=iso-8859-5"),
        (BOSNIAN.encode("cp852"), "It seems to be cp852.", "charset=cp852"),
        ("ref;title\nA;š\n".encode("cp1250"), "fit neither windows-1250 nor windows-1251", "charset="),
        ("ref;title\nA;Médecins à Liège\n".encode("cp1252"), "fit neither", "CSV UTF-8"),
        *(
            (BOSNIAN.encode(encoding), "encoded in UTF-32", "CSV UTF-8")
            for encoding in ("utf-32", "utf-32-le", "utf-32-be")
        ),
    ],
)
def test_an_encoding_that_is_not_certain_is_refused_with_what_would_pass(content, message, expected):
    with pytest.raises(FileIsRefused) as refused:
        encoding_of(io.BytesIO(content), declared=None)
    assert message in refused.value.message
    assert expected in refused.value.expected


def test_a_file_that_is_not_in_its_declared_encoding_is_refused_at_the_byte():
    with pytest.raises(FileIsRefused) as refused:
        title(BOSNIAN, "cp1250", "utf-8")
    assert (refused.value.message, refused.value.place) == (
        "The file is not UTF-8.",
        "line 2, byte 32 of the file",
    )


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_file_in_utf_16_that_was_cut_within_a_character_is_refused_as_that(encoding):
    with pytest.raises(FileIsRefused, match=r"The file is not UTF-16"):
        read("ref;title\nA;b\n".encode(encoding)[:-1], "text/csv")


def test_an_unknown_charset_is_refused_with_the_known_ones():
    with pytest.raises(FileIsRefused, match="klingon") as refused:
        title("ref;title\nA;b\n", "utf-8", "klingon")
    assert "windows-1251" in refused.value.expected
