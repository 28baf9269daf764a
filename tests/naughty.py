"""Texts that programs often handle wrongly, by category, made here in code.

They cover the categories of the public "big list of naughty strings" (reserved words, numbers, symbols, scripts,
injections of all kinds, markup, spaces, directions, emoji, formulas, paths, long texts) in at least its number.
"""

# ruff: noqa: Q003, RUF001 - texts in columns, with letters and quotation marks of every kind
import unicodedata
from collections.abc import Iterator

LIST_SIZE = 515
"""The number of strings of the public list."""

_WORDS = [
    "undefined",
    "undef",
    "null",
    "NULL",
    "(null)",
    "nil",
    "NIL",
    "true",
    "false",
    "True",
    "False",
    "TRUE",
    "FALSE",
    "None",
    "none",
    "NaN",
    "nan",
    "Infinity",
    "-Infinity",
    "inf",
    "hasOwnProperty",
    "then",
    "constructor",
    "__proto__",
    "\\",
    "\\\\",
    "N/A",
    "n/a",
    "void",
    "function",
    "return",
    "class",
    "self",
    "this",
]
_NUMBERS = [
    "0",
    "1",
    "1.00",
    "$1.00",
    "1/2",
    "1E2",
    "1E02",
    "1E+02",
    "-1",
    "-1.00",
    "-$1.00",
    "-1/2",
    "-1E2",
    "-1E02",
    "-1E+02",
    "1/0",
    "0/0",
    "-0",
    "-0.0",
    "+0",
    "+1",
    ".5",
    "5.",
    "0.0.0",
    "0..0",
    ".",
    "0,00",
    "0,0,0",
    "0,,0",
    ",",
    "1'000",
    "1.000",
    "1,000",
    "1",
    "000",
    "1.000.000,00",
    "1,000,000.00",
    "0x0",
    "0xffffffff",
    "0b1010",
    "0o17",
    "1_000",
    "007",
    "00",
    "1e1000",
    "-1e1000",
    "9007199254740993",
    "99999999999999999999999",
    "-9223372036854775809",
    "1.7976931348623157e308",
    "123456789012345678901234567890",
    "1#INF",
    "1#QNAN",
    "14.000000000000002",
    "3.141592653589793238462643383279",
    "2026-01-01",
    "01/02/2026",
    "1.2.2026.",
    "12:30",
    "1-2",
    "3-1",
    "50%",
    "½",
    "Ⅷ",
    "１２３",
    "١٢٣",
    "०१२",
    "10e5",
    "#1",
]
_ASCII = "", *(" " + sign for sign in "'\"`"), *"~`!@#$%^&*()-_=+[]{}|;:'\",.<>/?"
_SYMBOLS = (
    *("".join(map(chr, range(start, start + 32))) for start in (0xA1, 0x100, 0x180, 0x2010, 0x2070, 0x20A0, 0x2100, 0x2150)),
    *("".join(map(chr, range(start, start + 32))) for start in (0x2190, 0x2200, 0x2460, 0x2500, 0x25A0, 0x2600, 0x2700, 0xFF01)),
    *("½ ⅜", "x² + y³", "№ 5", "10 µm", "±5 °C", "10 €", "£1", "§ 5 (2)", "a…b", "«a»", "„a“", "‚a‘", "a–b", "a—b", "a−b"),
)  # fmt: skip
_SCRIPTS = (
    "Ђурђевдан љубичасто њушка џак", "ЋИРИЛИЦА", "Ѓорѓи ѕвезда ќерка", "ЁЂЃЄЅІЇЈЉЊЋЌЍЎЏ", "Šđčćž ŠĐČĆŽ", "Përshëndetje çelës",
    "Ǆǅǆ ǇǈǉǊǋǌ", "ı İ i I", "ß ẞ ss", "国境警備の研修", "邊境管理", "국경 경비", "뷁 쉡", "海ヴñＱ𠮷㐂ßø𡈽",
    "حرس الحدود", "משמר הגבול", "ไทย กำลัง", "नमस्ते", "ქართული", "Հայերեն", "ᚠᛇᚻ", "𐐜 𐐔𐐇𐐝𐐀", "ﷺ", "ᏣᎳᎩ", "𝒜𝔅ℂ𝕯", "Ｔｈｅ ｑｕｉｃｋ",
    "S\u030cibenik e\u0308", "Å Å", "a\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307",
    "".join("Z" + "".join(chr(0x300 + (at * step) % 112) for step in range(1, 12)) for at in range(1, 6)),
)  # fmt: skip
_EMOJI = (
    "😍", "🧑🏽", "🧑‍✈️", "🚓 🛂 🚁", "🐕 🐕‍🦺", "☎️ ✉️", "👮🏼 👮🏿‍♀️", "👨‍👩‍👧", "🆘 🅿️", "5️⃣ #️⃣",
    "🇽🇰 🇦🇱 🇧🇦", "🇷🇸🇲", "\U0001f600\ufe0f", "(o_o)", "(^_^;)", "\\o/", "<(._.)>", "d(-_-)b",
)  # fmt: skip
_MARKUP = (
    "<script>alert(0)</script>", "&lt;script&gt;alert(1);&lt;/script&gt;", "<img src=x onerror=alert(1) />",
    "\"><script>alert(1)</script>", "'><svg/onload=alert(1)>", "</textarea><b>", "<a href=\"javascript:x\">y</a>",
    "<![CDATA[<!DOCTYPE x>]]>", "<!DOCTYPE html>", "!DOCTYPE", "<!ENTITY x \"y\">", "&x;", "&#0;", "&#x41;", "&amp;&amp;amp;",
    "<?xml version=\"1.0\"?>", "<?php echo 1 ?>", "<!--", "-->", "]]>", "<r>", "</r>", "<r></r>", "<r><t>x</t></r>", "<si><t/></si>",
    "<row r=\"1\"/>", "</v></c>", "{{7*7}}", "${7*7}", "#{7*7}", "%{7*7}", "<%= 7*7 %>", "{% raw %}", "[[x]]", "$HOME", "%PATH%",
)  # fmt: skip
_INJECTIONS = (
    "1;DELETE FROM records", "x'; DELETE FROM records--", "' OR 1=1 -- 1", "' OR '1'='1", "'; EXEC x", "%", "_", "--", "/*", "*/",
    "$(touch /tmp/x)", "`touch /tmp/x`", "; ls -la", "| cat /etc/passwd", "&& true", "eval('1')", "os.system('ls')",
    "%s%s%s%s%s", "%d", "%n", "%*.*s", "{0}", "{}", "{name}", "{0.__class__}", "%(x)s", "\\n", "\\t", "\\x00", "\\u0000", "\\ud83d",
    "../../../etc/passwd", "C:\\Windows\\system32", "\\\\server\\share", "/dev/null; touch x", "CON", "PRN", "AUX", "LPT9", "NUL",
    "COM1", "LPT1", "https://x.example/%00", "file:///etc/passwd", "mailto:x@y.z", "internal:Sheet1!A1", "javascript:alert(1)",
    "{ :; }; x", "(){:;};", "ATDT 5", "+++ATH0", "\u001b[31mred", "EOF",
)  # fmt: skip
_FORMULAS = (
    *(f"{sign}1+1" for sign in "=+-@"),
    *(f"{sign}cmd|' /C calc'!A0" for sign in "=+-@"),
    *(
        f"{before}=1+1"
        for before in (" ", "\t", "\r", "\n", "'", '"', "''", ";", "a;", "a\t", "a\n", "a\r\n", "{", "\u00a0")
    ),
    *(f"{sign}SUM(A1)" for sign in "\uff1d\uff0b\uff0d\uff20"),
    *(
        "'",
        "''",
        "'''",
        "'a",
        "''a",
        "a'",
        "'=",
        '"="',
        "=",
        "+",
        "-",
        "@",
        '=A1&"x"',
        '=HYPERLINK("http://x")',
        "-5 °C",
        "+381 11 123",
    ),
    *(
        "#REF!",
        "#N/A",
        "#SPILL!",
        "#DIV/0!",
        "#NAME?",
        "sep=;",
        "ID",
        "ID;ID",
        "a;b",
        "a,b",
        "a|b",
        "a\tb",
        '"',
        '""',
        '"a"',
        '"a";"b"',
    ),
)
_ESCAPES = (
    "_x0041_", "_x0000_", "_x000D_", "_xFFFE_", "_xffff_", "_xD83D__xDE00_", "_x005F_", "_x005F_x0041_", "_x005F_x005F_x0041_",
    "_x0041_x0042_", "x0041_", "_x41_", "a\ufffeb", "\uffff", "\U0001fffe", "\ufdd0", "\ufffd",
)  # fmt: skip
_ENTRIES = (
    "Total",
    "TOTAL",
    "Ukupno",
    "Вкупно",
    "Note:",
    "Source: x",
    "Title",
    "ref",
    "Reference *",
    "Prepared by:",
    "* x",
    "Total 5",
)


def _controls() -> Iterator[str]:
    for code in (*range(1, 0x20), *range(0x7F, 0xA0)):
        yield f"a{chr(code)}b"
        yield chr(code)


def _spaces() -> Iterator[str]:
    spaces = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) in ("Zs", "Zl", "Zp")]
    spaces += [
        "\t",
        "\n",
        "\r",
        "\r\n",
        "\x0b",
        "\x0c",
        "\x85",
        "\u200b",
        "\u200c",
        "\u200d",
        "\u2060",
        "\ufeff",
        "\u00ad",
        "\u180e",
    ]
    for sign in spaces:
        yield from (sign, f"{sign}a", f"a{sign}", f"a{sign}b")


def _directions() -> Iterator[str]:
    for code in (0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x061C):
        yield f"{chr(code)}test{chr(code)}"


def _long() -> Iterator[str]:
    yield from (
        "a" * 2_000,
        "č" * 2_000,
        "😍" * 1_000,
        " a" * 1_000,
        "'" * 500,
        "\n" * 300,
        '"' * 300,
        "=1;" * 300,
    )


def naughty_strings() -> list[str]:
    """Return the strings, each once. Only NUL and lone surrogates are missing, which JSON bodies cannot have."""
    found = [
        *_WORDS, *_NUMBERS, *_ASCII, *_SYMBOLS, *_SCRIPTS, *_EMOJI, *_MARKUP, *_INJECTIONS, *_FORMULAS, *_ESCAPES, *_ENTRIES,
        *_controls(), *_spaces(), *_directions(), *_long(),
    ]  # fmt: skip
    return list(dict.fromkeys(found))
