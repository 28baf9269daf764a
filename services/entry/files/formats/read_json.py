"""The readers of JSON and NDJSON, as strict as the API."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from services.entry.files.domain.read_result import ReadResult, Unread
from services.entry.files.domain.refusals import FileIsRefused
from shared.http.json_codec import NOT_UTF_8, reason_of
from shared.http.json_codec import read_json as read_strictly
from shared.http.problems import BodyIsNotJson
from shared.i18n import Text

MAX_SIZE = 50 * 1024 * 1024
"""The maximum size of JSON, which is held in memory. NDJSON has no limit."""

MAX_GROUPS = 2_000_000
"""The maximum number of objects and lists. A small text of empty ones could exhaust memory."""

MAX_LINE_SIZE = 4 * 1024 * 1024

_FACTS = frozenset(("pillar", "kind", "period", "tlp", "reporter", "partner", "origins", "reading"))
"""The facts of a mapping, as our own exports state them."""

_TEXTS = frozenset(("pillar", "kind", "period", "tlp", "reporter", "partner"))
"""The facts that are texts."""

_OPTIONS = frozenset(
    ("supersedes", "version", "mode", "on_error", "dry_run", "reference", "file_name", "new")
)
"""The options of a body of the API, which are parameters of a request with a file."""

_EMPTY: tuple[Any, ...] = (None, False, "", {})

_MARK = b"\xef\xbb\xbf"
_BODY = Text('A list of records, or an object with a list "records".')
_UTF_8 = Text("The same JSON, saved in the encoding UTF-8.")
_LINE = Text("One record, in braces, on each line.")
_RECORD = Text("A record: an object in braces.")
_BLANKS = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()


def read_json(stream: BinaryIO) -> ReadResult:
    """Read a list of records, or an API body with its other members as facts; raise `FileIsRefused`."""
    content = stream.read(MAX_SIZE + 1).removeprefix(_MARK)
    if len(content) > MAX_SIZE or content.count(b"{") + content.count(b"[") > MAX_GROUPS:
        message = (
            f"The JSON has more than {MAX_SIZE // 1024**2} MB, or more than {MAX_GROUPS:,} objects and lists."
        )
        raise FileIsRefused("too-large", message, Text("An NDJSON file, with one record on each line."))
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        place = Text("byte {start}", start=error.start + 1)
        raise _not_json(Text("the text is not UTF-8"), place, _UTF_8) from None
    del content
    return _JsonText(text).read()


class _JsonText:
    """A JSON text that is read value by value, with one record in memory at a time."""

    def __init__(self, text: str) -> None:
        self._text = text

    def read(self) -> ReadResult:
        start = self._after_blanks(0)
        if self._text.startswith("[", start):
            return ReadResult(records=self._records(start))
        if not self._text.startswith("{", start):
            raise _no_records()
        facts = dict(self._members(start))
        _check_types(facts)
        at = facts.pop("records", None)
        if not isinstance(at, _UnreadList):
            raise _no_records()
        unread = [part for name, value in facts.items() if (part := self._unread(name, value))]
        other_facts = {name: value for name, value in facts.items() if not isinstance(value, _UnreadList)}
        return ReadResult(records=self._records(at.start), facts=other_facts, unread=unread)

    def _unread(self, name: str, value: Any) -> Unread | None:
        """Return a member that is not read, unless it is empty or a fact of the mapping."""
        element = f"member {name}"
        if isinstance(value, _UnreadList):
            count = sum(1 for _ in self._entries(value.start))
            return Unread("json-list", {"name": name, "count": count}, element=element) if count else None
        if name in _FACTS or value in _EMPTY:
            return None
        return Unread("json-option" if name in _OPTIONS else "json-member", {"name": name}, element=element)

    def _records(self, start: int) -> Iterator[dict[str, Any]]:
        for number, (begin, end) in enumerate(self._entries(start), start=1):
            try:
                record = read_strictly(self._text[begin:end].encode())
            except BodyIsNotJson as error:
                raise _not_json(error.why, Text("record {number}", number=number)) from None
            if not isinstance(record, dict):
                raise _no_record(record, f"record {number}")
            yield record

    def _members(self, start: int) -> Iterator[tuple[str, Any]]:
        """Yield the members of an object, with lists unread."""
        names: set[str] = set()
        at = self._after_blanks(start + 1)
        while not self._text.startswith("}", at):
            name, at = self._value(at)
            if not isinstance(name, str) or name in names:
                raise _not_json(
                    Text("a name is missing or repeated: '{name}'", name=str(name)[:100]), self._place(at)
                )
            names.add(name)
            at = self._after(":", self._after_blanks(at))
            if self._text.startswith("[", at):
                yield name, _UnreadList(at)
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
        """Yield the start and end of each entry of a list. Nothing may follow a list that is the whole text."""
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
            raise _not_json(reason_of(error), self._place(error.pos)) from None
        except RecursionError:
            raise _not_json(Text("the nesting is too deep"), self._place(at)) from None
        except ValueError:
            # Python refuses integers of more than 4,300 digits.
            raise _not_json(Text("a number has too many digits"), self._place(at)) from None

    def _after_blanks(self, at: int) -> int:
        found = _BLANKS.match(self._text, at)
        return found.end() if found else at

    def _after(self, sign: str, at: int) -> int:
        if not self._text.startswith(sign, at):
            raise _not_json(Text("'{sign}' is missing", sign=sign), self._place(at))
        return self._after_blanks(at + 1)

    def _after_comma(self, at: int, closing: str) -> int:
        """Return the start of the next value, or of the closing bracket."""
        at = self._after_blanks(at)
        if self._text.startswith(closing, at):
            return at
        following = self._after(",", at)
        if self._text.startswith(closing, following):
            raise _not_json(Text("a value is missing after a comma"), self._place(at))
        return following

    def _expect_end(self, at: int) -> None:
        if self._after_blanks(at) != len(self._text):
            raise _not_json(Text("text follows the end of the JSON"), self._place(at))

    def _place(self, at: int) -> Text:
        line = self._text.count("\n", 0, at) + 1
        return _place_in_line(line, at - self._text.rfind("\n", 0, at))


def _check_types(facts: Mapping[str, Any]) -> None:
    """Raise `FileIsRefused` for a fact of the mapping that is no text."""
    for name in _TEXTS & facts.keys():
        value = facts[name]
        if value is not None and not isinstance(value, str):
            found = _word_of([] if isinstance(value, _UnreadList) else value)
            raise FileIsRefused(
                "other-mapping",
                Text('"{name}" must be a text, but {found} was found.', name=name, found=found),
                Text('A text in quotation marks, as in the request; or a file without "{name}".', name=name),
                Text('member "{name}"', name=name),
            )


class _UnreadList:
    """A list to be read later, by its start."""

    def __init__(self, start: int) -> None:
        self.start = start


def read_ndjson(stream: BinaryIO, *, name: str) -> ReadResult:
    """Read a record from each line that is not blank; raise `FileIsRefused`."""
    numbers: list[int] = []
    return ReadResult(
        records=_lines(stream, numbers), origins={"sheet": name, "rows": numbers, "columns": {}}
    )


def _lines(stream: BinaryIO, numbers: list[int]) -> Iterator[dict[str, Any]]:
    stream.seek(0)
    number = 0
    while line := stream.readline(MAX_LINE_SIZE):
        number += 1
        if len(line) == MAX_LINE_SIZE and not line.endswith(b"\n"):
            message = f"A line has more than {MAX_LINE_SIZE:,} bytes."
            raise FileIsRefused("long-line", message, _LINE, Text("line {number}", number=number))
        content = (line.removeprefix(_MARK) if number == 1 else line).rstrip()
        if not content:
            continue
        try:
            record = read_strictly(content)
        except BodyIsNotJson as error:
            expected = _UTF_8 if error.why == NOT_UTF_8 else _LINE
            raise _not_json(error.why, _place_in_line(number, error.column), expected) from None
        if not isinstance(record, dict):
            raise _no_record(record, Text("line {number}", number=number))
        numbers.append(number)
        yield record


def _place_in_line(line: int, column: int) -> Text:
    if not column:
        return Text("line {number}", number=line)
    return Text("line {line}, column {column}", line=line, column=column)


def _not_json(why: str, place: str, expected: str = _BODY) -> FileIsRefused:
    return FileIsRefused("not-json", Text("The JSON cannot be read: {why}.", why=why), expected, place)


def _no_records() -> FileIsRefused:
    return FileIsRefused("no-records", Text("The JSON contains no list of records."), _BODY)


_WORDS = {
    list: Text("a list"),
    dict: Text("an object"),
    str: Text("a text"),
    bool: Text("true or false"),
    int: Text("a number"),
    float: Text("a number"),
}


def _word_of(written: Any) -> Text:
    return _WORDS.get(type(written), Text("null"))


def _no_record(written: Any, place: str) -> FileIsRefused:
    message = Text("A record is expected, but {found} was found.", found=_word_of(written))
    return FileIsRefused("no-record", message, _RECORD, place)
