"""JSON, whole or a record to a line: as strict as where a submission is posted."""

import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from services.entry.formats.readings import Reading
from services.entry.formats.refusing import FileIsRefused
from shared.http.json_codec import read_json as read_strictly
from shared.http.problems import BodyIsNotJson

LARGEST = 50 * 1024 * 1024
"""A text of JSON is held in memory; of records that stand on lines there may be any number."""

MOST_GROUPS = 2_000_000
"""So many objects and lists it has at the most: of empty ones a small text can hold more than the memory."""

LONGEST_LINE = 4 * 1024 * 1024

_MARK = b"\xef\xbb\xbf"
_BODY = 'A list of records, or an object that has them as "records".'
_LINE = "A record in braces on each line."
_RECORD = "A record: names and values in braces."
_BLANKS = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()


def read_json(stream: BinaryIO) -> Reading:
    """Read the records of a list, or of a body as it is posted with what it says besides; raises FileIsRefused."""
    content = stream.read(LARGEST + 1).removeprefix(_MARK)
    if len(content) > LARGEST or content.count(b"{") + content.count(b"[") > MOST_GROUPS:
        message = (
            f"The JSON has more than {LARGEST // 1024**2} MB, or more than {MOST_GROUPS:,} objects and lists."
        )
        raise FileIsRefused("too-large", message, "NDJSON: a record on each line.")
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise _not_json("it is not UTF-8", f"byte {error.start + 1}") from None
    del content
    return _Text(text).reading()


class _Text:
    """Reads a text value by value, so that only one record at a time is in memory."""

    def __init__(self, text: str) -> None:
        self._text = text

    def reading(self) -> Reading:
        start = self._after_blanks(0)
        if self._text.startswith("[", start):
            return Reading(records=self._records(start))
        if not self._text.startswith("{", start):
            raise _no_records()
        facts = dict(self._members(start))
        at = facts.pop("records", None)
        if not isinstance(at, _List):
            raise _no_records()
        said = {name: value for name, value in facts.items() if not isinstance(value, _List)}
        return Reading(records=self._records(at.start), facts=said)

    def _records(self, start: int) -> Iterator[dict[str, Any]]:
        for number, (begin, end) in enumerate(self._entries(start), start=1):
            try:
                record = read_strictly(self._text[begin:end].encode())
            except BodyIsNotJson as error:
                raise _not_json(error.why.removeprefix("line 1, "), f"record {number}") from None
            if not isinstance(record, dict):
                raise _no_record(record, f"record {number}")
            yield record

    def _members(self, start: int) -> Iterator[tuple[str, Any]]:
        """Names and values of an object; of a list only where it is."""
        names: set[str] = set()
        at = self._after_blanks(start + 1)
        while not self._text.startswith("}", at):
            name, at = self._value(at)
            if not isinstance(name, str) or name in names:
                raise _not_json(f"a name is missing or comes twice: {str(name)[:100]!r}", self._place(at))
            names.add(name)
            at = self._after(":", self._after_blanks(at))
            if self._text.startswith("[", at):
                yield name, _List(at)
                at = self._end_of(at)
            else:
                value, at = self._value(at)
                yield name, value
            at = self._after_comma(at, "}")
        self._expect_end(at + 1)

    def _end_of(self, start: int) -> int:
        entries = list(self._entries(start))
        return self._text.index("]", entries[-1][1] if entries else start) + 1

    def _entries(self, start: int) -> Iterator[tuple[int, int]]:
        """Where the entries of a list begin and end; if it is the whole text, nothing comes after it."""
        at = self._after_blanks(start + 1)
        while not self._text.startswith("]", at):
            _, end = self._value(at)
            yield at, end
            at = self._after_comma(end, "]")
        if start == self._after_blanks(0):
            self._expect_end(at + 1)

    def _value(self, at: int) -> tuple[Any, int]:
        try:
            return _DECODER.raw_decode(self._text, at)
        except json.JSONDecodeError as error:
            raise _not_json(
                "it breaks off, or no value stands where one is expected", self._place(error.pos)
            ) from None
        except RecursionError:
            raise _not_json("it is nested too deeply", self._place(at)) from None
        except ValueError:
            # Python refuses to read whole numbers of more than 4,300 digits.
            raise _not_json("a number in it has too many digits", self._place(at)) from None

    def _after_blanks(self, at: int) -> int:
        found = _BLANKS.match(self._text, at)
        return found.end() if found else at

    def _after(self, sign: str, at: int) -> int:
        if not self._text.startswith(sign, at):
            raise _not_json(f"{sign!r} is missing", self._place(at))
        return self._after_blanks(at + 1)

    def _after_comma(self, at: int, closing: str) -> int:
        """Where the next value begins, or the closing bracket stands."""
        at = self._after_blanks(at)
        if self._text.startswith(closing, at):
            return at
        following = self._after(",", at)
        if self._text.startswith(closing, following):
            raise _not_json("nothing comes after a comma", self._place(at))
        return following

    def _expect_end(self, at: int) -> None:
        if self._after_blanks(at) != len(self._text):
            raise _not_json("something comes after its end", self._place(at))

    def _place(self, at: int) -> str:
        line = self._text.count("\n", 0, at) + 1
        return f"line {line}, column {at - self._text.rfind(chr(10), 0, at)}"


class _List:
    """A list that is not read yet."""

    def __init__(self, start: int) -> None:
        self.start = start


def read_ndjson(stream: BinaryIO, *, name: str) -> Reading:
    """Read a record from each line that is not blank; raises FileIsRefused for the first that is none."""
    numbers: list[int] = []
    return Reading(records=_lines(stream, numbers), origins={"sheet": name, "rows": numbers, "columns": {}})


def _lines(stream: BinaryIO, numbers: list[int]) -> Iterator[dict[str, Any]]:
    stream.seek(0)
    number = 0
    while line := stream.readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            message = f"A line has more than {LONGEST_LINE:,} bytes."
            raise FileIsRefused("long-line", message, _LINE, f"line {number}")
        content = (line.removeprefix(_MARK) if number == 1 else line).rstrip()
        if not content:
            continue
        try:
            record = read_strictly(content)
        except BodyIsNotJson as error:
            raise _not_json(error.why.removeprefix("line 1, "), f"line {number}", _LINE) from None
        if not isinstance(record, dict):
            raise _no_record(record, f"line {number}")
        numbers.append(number)
        yield record


def _not_json(why: str, place: str, expected: str = _BODY) -> FileIsRefused:
    return FileIsRefused("not-json", f"This is not JSON that can be read: {why}.", expected, place)


def _no_records() -> FileIsRefused:
    return FileIsRefused("no-records", "The JSON is no list of records, and has none.", _BODY)


_WORDS = {list: "a list", str: "a text", bool: "true or false", int: "a number", float: "a number"}


def _no_record(written: Any, place: str) -> FileIsRefused:
    what = _WORDS.get(type(written), "null")
    return FileIsRefused("no-record", f"Here a record is expected, but there is {what}.", _RECORD, place)
