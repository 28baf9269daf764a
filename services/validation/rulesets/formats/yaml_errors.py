"""YAML errors in the words of rule authors: the position, and the correction."""

from collections.abc import Mapping

import yaml

_COLON = "a text with a colon and a space in it needs quotation marks"
_COLUMNS = "indentation: names that belong together begin in the same column"
_TAB = "a tab is used here; YAML accepts spaces only"

_WRONG_BEGINNING = ("cannot start any token", "undefined alias", "a constructor for the tag")

_WHERE_NOTICED: Mapping[str, str] = {
    "expected <block end>, but found '<scalar>'": (
        "text follows a closing quotation mark, bracket or brace; put the whole text in single quotation marks, "
        "and double those inside it"
    ),
    "expected <block end>": _COLUMNS,
    "found unknown escape character": "a backslash has a meaning in double quotation marks; use single ones",
    "but found another document": "a line of hyphens begins another document; a file holds one ruleset",
}
"""The messages by a part of the parser's own message."""

_WHERE_BEGUN: Mapping[str, str] = {
    "could not find expected ':'": "a name is followed by a colon and a space",
    "found unexpected end of stream": "a quotation mark opened here is never closed",
    "expected ',' or ']'": "a bracket opened here is not closed",
    "expected ',' or '}'": "a brace opened here is not closed",
}
"""The messages for errors that the parser notices late, and that are reported where they begin."""


def yaml_problem(error: yaml.YAMLError) -> str:
    """Describe an error in one line, with line and column (from 1) if they are known."""
    if isinstance(error, yaml.reader.ReaderError):
        return f"character {error.position + 1} of the file is not text; files of rules are encoded in UTF-8"
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return " ".join(str(error).split())
    problem = str(error.problem)
    for part, words in _WHERE_BEGUN.items():
        if part in problem and error.context_mark is not None:
            return _at(error.context_mark, words)
    return _at(error.problem_mark, _words(problem, error.problem_mark))


def _at(mark: yaml.Mark, words: str) -> str:
    return f"line {mark.line + 1}, column {mark.column + 1}: {words}"


def _words(problem: str, mark: yaml.Mark) -> str:
    text = mark.buffer or ""
    if any(part in problem for part in _WRONG_BEGINNING):
        here = text[mark.pointer : mark.pointer + 1]
        return _TAB if here == "\t" else f"a text that begins with {here} needs quotation marks"
    if problem == "mapping values are not allowed here":
        before = text[text.rfind("\n", 0, mark.pointer) + 1 : mark.pointer]
        return _COLON if ": " in before else f"{_COLUMNS}; or {_COLON}"
    return next((words for part, words in _WHERE_NOTICED.items() if part in problem), problem)
