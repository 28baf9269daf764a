"""The encoding of a CSV file: its byte order mark, the charset that the sender declares, or what the bytes tell.

UTF-8 is recognised by its own rules. The code pages of the region, windows-1250 (Latin) and windows-1251 (Cyrillic),
decode nearly any bytes, so they are told apart by the letters that result, and a file that could be either is refused.
"""

# ruff: noqa: RUF001 - letters and punctuation of the region, which look like others
import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import BinaryIO

from services.entry.files.domain.refusals import FileIsRefused
from shared.i18n import Text

UTF_8, UTF_16 = "utf-8", "utf-16"
DECLARABLE = {
    **dict.fromkeys(("utf-8", "utf8", "us-ascii", "ascii"), UTF_8),
    **dict.fromkeys(("utf-16", "utf16", "ucs-2"), UTF_16),
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    **dict.fromkeys(("windows-1250", "cp1250", "x-cp1250", "win-1250"), "windows-1250"),
    **dict.fromkeys(("windows-1251", "cp1251", "x-cp1251", "win-1251"), "windows-1251"),
    **dict.fromkeys(("windows-1252", "cp1252", "x-cp1252"), "windows-1252"),
    **dict.fromkeys(("iso-8859-1", "iso8859-1", "latin1", "latin-1"), "iso-8859-1"),
    **dict.fromkeys(("iso-8859-2", "iso8859-2", "latin2", "latin-2"), "iso-8859-2"),
    **dict.fromkeys(("iso-8859-5", "iso8859-5", "cyrillic"), "iso-8859-5"),
    **dict.fromkeys(("ibm852", "cp852"), "cp852"),
}
"""Encodings that a sender may declare, by the names in use."""

CODE_PAGES = ("windows-1250", "windows-1251")
"""Encodings that are recognised without being declared."""

_OTHERS = ("iso-8859-2", "iso-8859-5", "cp852")
"""Encodings that are recognised only to name them."""

UTF_32 = "utf-32"
_MARKS = (
    (codecs.BOM_UTF32_LE, UTF_32, UTF_32),
    (codecs.BOM_UTF32_BE, UTF_32, UTF_32),
    (codecs.BOM_UTF8, "utf-8-sig", UTF_8),
    (codecs.BOM_UTF16_LE, UTF_16, UTF_16),
    (codecs.BOM_UTF16_BE, UTF_16, UTF_16),
)

_LATIN = frozenset("čćžšđČĆŽŠĐëËçÇ")
_CYRILLIC = frozenset("абвгдежзијклмнопрстуфхцчшљњђћџѓќѕАБВГДЕЖЗИЈКЛМНОПРСТУФХЦЧШЉЊЂЋЏЃЌЅѐѝЀЍ")
"""The letters of the region beyond ASCII."""
_RARE_LATIN = frozenset("öüäÖÜÄßéáíóúÉÁőűŐŰ")
_RARE_CYRILLIC = frozenset("щъыьэюяйёЩЪЫЬЭЮЯЙЁ")
"""The letters of names from elsewhere."""
_PUNCTUATION = frozenset("„“”‚‘’–—…«»·•°§©®™€№\u00a0\u00ad×÷±")
_ALL = _LATIN | _CYRILLIC | _RARE_LATIN | _RARE_CYRILLIC | _PUNCTUATION
_CLEARLY = 0.9
"""A second encoding with at least this share of the best score makes the file ambiguous."""
_ENOUGH = 2
"""The score from which an encoding is named that is not recognised."""
_MAX_EVIDENCE = 20_000
"""The maximum number of characters beyond ASCII that are judged."""

_MIN_ZEROS = 2
_CHUNK_SIZE = 1024 * 1024
_SAMPLE = 64 * 1024
_AS_UTF8 = Text('In a spreadsheet program: Save as, "CSV UTF-8".')


@dataclass(frozen=True)
class Encoding:
    """An encoding: its usual name, Python's name, and whether it was inferred from the letters."""

    name: str
    codec: str
    is_inferred: bool = False
    is_doubtful: bool = False
    """Whether the bytes beyond ASCII are UTF-8, unlike what is declared."""


def encoding_of(stream: BinaryIO, *, declared: str | None) -> Encoding:
    """Return the encoding of a table; raise `FileIsRefused` where it is unknown or the bytes are not in it."""
    stream.seek(0)
    start = stream.read(_SAMPLE)
    for mark, codec, name in _MARKS:
        if start.startswith(mark):
            if name == UTF_32:
                raise _is_utf_32()
            return Encoding(name, codec)
    if _has_zeros_of_utf_32(start):
        raise _is_utf_32()
    if declared is not None:
        return _declared(declared, start, stream)
    if wide := _utf_16_of(start):
        return Encoding(wide, wide)
    if _is_utf_8(stream):
        return Encoding(UTF_8, UTF_8)
    return _inferred(stream)


def _declared(declared: str, start: bytes, stream: BinaryIO) -> Encoding:
    name = DECLARABLE.get(declared.strip().strip("\"'").lower())
    if name is None:
        raise FileIsRefused(
            "encoding",
            Text('The charset "{charset}" is unknown here.', charset=declared[:40]),
            Text("One of: {charsets}.", charsets=", ".join(sorted(set(DECLARABLE.values())))),
        )
    if name == UTF_16:
        name = _utf_16_of(start) or "utf-16-be"
    is_doubtful = not name.startswith("utf") and bool(_words_beyond_ascii(stream)) and _is_utf_8(stream)
    return Encoding(name, name, is_doubtful=is_doubtful)


def _utf_16_of(start: bytes) -> str | None:
    """Recognise UTF-16 without a byte order mark: separators, digits and line ends have a zero byte on one side."""
    # A file that was cut may end within a character.
    start = start[: len(start) // 2 * 2]
    high, low = start[::2].count(0), start[1::2].count(0)
    few, many = sorted((high, low))
    # A table has at least one separator or line end in twenty characters.
    if many * 20 < len(start) // 2 or many < _MIN_ZEROS or few * 20 > many:
        return None
    return "utf-16-le" if low > high else "utf-16-be"


def _has_zeros_of_utf_32(start: bytes) -> bool:
    """Recognise UTF-32 without a byte order mark: of each four bytes, the highest is zero, and nearly always the next."""
    start = start[: len(start) // 4 * 4]
    quarters = [start[at::4] for at in range(4)]
    zeros = [each.count(0) for each in quarters]
    size = len(quarters[3])
    for highest, next_ in ((3, 2), (0, 1)):
        if zeros[highest] == len(quarters[highest]) >= _MIN_ZEROS and zeros[next_] * 10 >= size * 9:
            return True
    return False


def _is_utf_32() -> FileIsRefused:
    return FileIsRefused(
        "encoding", Text("The file is encoded in {encoding}, which is not read.", encoding="UTF-32"), _AS_UTF8
    )


def _is_utf_8(stream: BinaryIO) -> bool:
    decode = codecs.getincrementaldecoder(UTF_8)().decode
    try:
        for chunk in _chunks(stream):
            decode(chunk)
        decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    stream.seek(0)
    while chunk := stream.read(_CHUNK_SIZE):
        yield chunk


def _inferred(stream: BinaryIO) -> Encoding:
    """Infer a code page from the words with letters beyond ASCII; raise `FileIsRefused` where they fit none or two."""
    words = _words_beyond_ascii(stream)
    scores = {name: _score(words, name) for name in (*CODE_PAGES, *_OTHERS)}
    best = max(scores, key=lambda name: scores[name])
    rivals = [
        name
        for name in scores
        if name != best and scores[name] >= scores[best] * _CLEARLY and not _same(words, name, best)
    ]
    is_known = best in CODE_PAGES
    if scores[best] < 0 or rivals or (scores[best] < _ENOUGH and not is_known):
        raise _unknown(stream)
    if not is_known:
        raise FileIsRefused(
            "encoding",
            Text("The file is not UTF-8. It seems to be {encoding}.", encoding=best),
            Text(
                'In a spreadsheet program: Save as, "CSV UTF-8". Or name the encoding: Content-Type: text/csv; '
                "charset={encoding}.",
                encoding=best,
            ),
        )
    return Encoding(best, best, is_inferred=True)


_BEYOND = re.compile(rb"[A-Za-z\x80-\xff]*[\x80-\xff][A-Za-z\x80-\xff]*")


def _words_beyond_ascii(stream: BinaryIO) -> list[bytes]:
    words: list[bytes] = []
    size = 0
    for chunk in _chunks(stream):
        for word in _BEYOND.findall(chunk):
            words.append(word)
            size += len(word)
            if size > _MAX_EVIDENCE:
                return words
    return words


def _score(words: list[bytes], encoding: str) -> float:
    """Return how many characters beyond ASCII are letters of the region, in words of one script, less the others."""
    try:
        texts = [word.decode(encoding) for word in words]
    except UnicodeDecodeError:
        return float("-inf")
    return sum(_score_of(part) for text in texts for part in re.split(r"[\s\u00a0]+", text))


def _score_of(word: str) -> float:
    beyond = [each for each in word if not each.isascii()]
    latin = sum(1 if each in _LATIN else 0.5 for each in beyond if each in _LATIN | _RARE_LATIN)
    cyrillic = sum(1 if each in _CYRILLIC else 0.5 for each in beyond if each in _CYRILLIC | _RARE_CYRILLIC)
    others = sum(1 for each in beyond if each not in _ALL)
    plain = sum(each.isascii() and each.isalpha() for each in word)
    # No word has both scripts, a long word of the Latin script has mostly ASCII letters, and no capital follows a small
    # letter.
    is_implausible = cyrillic and (latin or plain or _is_jagged(word))
    if is_implausible or latin > plain + 2:
        return -4 * (latin + cyrillic + others)
    # A single letter says little.
    weight = 0.25 if len(word) == 1 else 1
    return weight * (latin + cyrillic) - 4 * others


def _is_jagged(word: str) -> bool:
    return any(before.islower() and after.isupper() for before, after in pairwise(word))


def _same(words: list[bytes], first: str, second: str) -> bool:
    return all(
        word.decode(first, errors="replace") == word.decode(second, errors="replace") for word in words
    )


def _unknown(stream: BinaryIO) -> FileIsRefused:
    at, line = first_fault(stream, UTF_8)
    return FileIsRefused(
        "encoding",
        Text("The file is not UTF-8, and its letters fit neither windows-1250 nor windows-1251 alone."),
        Text(
            'In a spreadsheet program: Save as, "CSV UTF-8". Or name the encoding: Content-Type: text/csv; '
            "charset=windows-1250."
        ),
        Text("line {line}, byte {byte} of the file", line=line, byte=at),
    )


def bad_encoding(stream: BinaryIO, encoding: Encoding) -> FileIsRefused:
    """Return the refusal of bytes that are not in the encoding of their file, with the place of the first."""
    at, line = first_fault(stream, encoding.codec)
    return FileIsRefused(
        "encoding",
        Text("The file is not {encoding}.", encoding=encoding.name.upper()),
        _AS_UTF8,
        Text("line {line}, byte {byte} of the file", line=line, byte=at),
    )


def first_fault(stream: BinaryIO, codec: str) -> tuple[int, int]:
    """Return the first byte that cannot be decoded, and its line, both from 1."""
    decode = codecs.getincrementaldecoder(codec)().decode
    at, line = 0, 1
    for chunk in _chunks(stream):
        try:
            decode(chunk)
        except UnicodeDecodeError as error:
            start = error.start - (len(error.object) - len(chunk))
            return at + start + 1, line + chunk.count(b"\n", 0, max(start, 0))
        at, line = at + len(chunk), line + chunk.count(b"\n")
    return at + 1, line
