"""XPaths of an IATI ruleset. They are untrusted data, so their length and cost are limited before evaluation."""

import re
from collections.abc import Iterable

MAX_PATH_LENGTH = 2_000
MAX_WALKS = 12
"""Each `//` traverses the whole file. The Standard's own rules need at most three."""
MAX_NESTED_WALKS = 1
"""A traversal inside brackets is repeated for every node outside them."""

_FUNCTIONS = frozenset(
    {
        "boolean",
        "ceiling",
        "concat",
        "contains",
        "count",
        "false",
        "floor",
        "id",
        "lang",
        "last",
        "local-name",
        "name",
        "namespace-uri",
        "normalize-space",
        "not",
        "number",
        "position",
        "round",
        "starts-with",
        "string",
        "string-length",
        "substring",
        "substring-after",
        "substring-before",
        "sum",
        "translate",
        "true",
    }
)
"""The functions of XPath 1.0. None of them reads outside the file."""
_NOT_CALLED = frozenset({"and", "or", "mod", "div", "node", "text", "comment", "processing-instruction"})

_LITERAL = re.compile(r"'[^']*'|\"[^\"]*\"")
_CALL = re.compile(r"([\w.:-]+)\s*\(")
_WALK = re.compile(r"//|(?:ancestor|descendant|preceding|following)[a-z-]*\s*::")
_LEAVES = re.compile(r"(?:ancestor|preceding|following)[a-z-]*\s*::|(?:^|[\[(|,=<>+*\s])/")
_UP = re.compile(r"\.\.|parent\s*::")
_INSIDE = re.compile(
    r"(?://|/iati-activities/|/iati-organisations/)"
    r"(?!\*|node\(|iati-activities\b(?!/)|iati-organisations\b(?!/))[\w.-]+"
)
_OF_AN_ACTIVITY = re.compile(r"iati-(?:activity|organisation)\s*\[")
"""A condition on an activity may count other activities."""
_PLAIN = re.compile(r"[0-9]+(?:\.[0-9]+)?|[A-Za-z_][A-Za-z0-9_.-]*")
PLACEHOLDER = "$1"
"""The placeholder for a loop's current value in its paths."""


class PathIsRefused(ValueError):
    """An XPath is malformed or not allowed."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"The XPath '{path[:200]}' cannot be used: {reason}.")


def check_path(path: str) -> None:
    """Check that a path is short and cheap enough, and reads nothing outside the file. Raise PathIsRefused."""
    if not path.strip():
        raise PathIsRefused(path, "it is empty; give the name of an element, such as title/narrative")
    if len(path) > MAX_PATH_LENGTH:
        raise PathIsRefused(path, f"it is longer than {MAX_PATH_LENGTH} characters")
    if not path.isprintable() and re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", path):
        raise PathIsRefused(path, "it contains characters that XML does not allow")
    bare = _LITERAL.sub("''", path)
    for name in _CALL.findall(bare):
        if name.rpartition("::")[2] not in _FUNCTIONS | _NOT_CALLED:
            raise PathIsRefused(path, f"XPath 1.0 has no function '{name}()'")
    if "$" in bare.replace(PLACEHOLDER, ""):
        raise PathIsRefused(path, "it has a variable; the only variable is $1, and only in a loop")
    _check_cost(path, bare)


def _check_cost(path: str, bare: str) -> None:
    if len(_WALK.findall(bare)) > MAX_WALKS:
        raise PathIsRefused(path, f"it traverses the file more than {MAX_WALKS} times (//)")
    depth = 0
    nested = 0
    for piece in re.split(r"([\[\]])", bare):
        depth += {"[": 1, "]": -1}.get(piece, 0)
        nested += len(_WALK.findall(piece)) if depth > 0 else 0
    if nested > MAX_NESTED_WALKS:
        raise PathIsRefused(path, "it traverses the file more than once inside brackets (//)")


def with_value(path: str, value: str) -> str:
    """Replace `$1` in a path. The value comes from the file, so it stays a text whatever quotation marks it contains."""

    def filled(literal: re.Match[str]) -> str:
        return (
            _quoted(literal[0][1:-1].replace(PLACEHOLDER, value)) if PLACEHOLDER in literal[0] else literal[0]
        )

    pieces = _LITERAL.split(path)
    bare = value if _PLAIN.fullmatch(value) else _quoted(value)
    literals = [filled(each) for each in _LITERAL.finditer(path)]
    outside = [piece.replace(PLACEHOLDER, bare) for piece in pieces]
    return "".join(f"{piece}{literal}" for piece, literal in zip(outside, [*literals, ""], strict=True))


def _quoted(text: str) -> str:
    """Quote a text for XPath. A text with both quotation marks becomes a concat()."""
    if "'" not in text:
        return f"'{text}'"
    if '"' not in text:
        return f'"{text}"'
    return "concat(" + ', "\'", '.join(f"'{piece}'" for piece in text.split("'")) + ")"


def stays_inside(selector: str, paths: Iterable[str]) -> bool:
    """Check that activities can be evaluated one by one, because no path leaves the activity that it starts in.

    In doubt the result is False. The file is then evaluated as a whole, with an equal result.
    """
    branches = [branch.strip() for branch in _LITERAL.sub("''", selector).split("|")]
    if not all(_starts_inside(branch) for branch in branches):
        return False
    allowed = 1 if all(_is_below(branch) for branch in branches) else 0
    bare = [_LITERAL.sub("''", path) for path in paths]
    return not any(_LEAVES.search(path) or len(_UP.findall(path)) > allowed for path in bare)


def _starts_inside(branch: str) -> bool:
    if not _INSIDE.match(branch) or _OF_AN_ACTIVITY.search(branch):
        return False
    return not _UP.search(branch) and not _LEAVES.search(branch.lstrip("/"))


def _is_below(branch: str) -> bool:
    """Check that a branch selects nodes inside an activity, never the activity itself."""
    last = re.sub(r"\[[^\]]*\]", "", branch).rpartition("/")[2].strip()
    return last not in ("iati-activity", "iati-organisation")
