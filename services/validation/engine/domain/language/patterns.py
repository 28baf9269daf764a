"""Patterns that a rule may match: those that cannot take exponential time, whatever text they meet."""

from __future__ import annotations

import re

MAX_PATTERN_LENGTH = 120
MAX_REPEATS = 3
"""Each repetition multiplies the cost by the length of the text, which is bounded; a group of alternatives by how many
there are, so it counts as one."""
MAX_OPTIONAL = 4
"""Each optional part may double the cost."""

_ESCAPED_OR_CLASS = re.compile(r"\\.|\[\^?\]?[^\]]*\]")
_REPEATED_GROUP = re.compile(r"\)[*+?{]")
_REPEAT = re.compile(r"[*+{]")


class PatternIsRefused(ValueError):
    """A pattern is too costly, or cannot be read."""


def check_pattern(pattern: str) -> None:
    """Raise PatternIsRefused for repeated groups, look-around, back-references and many repetitions."""
    if len(pattern) > MAX_PATTERN_LENGTH:
        raise PatternIsRefused(f"a pattern has at most {MAX_PATTERN_LENGTH} characters")
    if re.search(r"\\[0-9gk]", pattern):
        raise PatternIsRefused("a pattern does not refer back to its own groups")
    plain = _ESCAPED_OR_CLASS.sub("a", pattern)
    if "(?" in plain or _REPEATED_GROUP.search(plain):
        raise PatternIsRefused("a pattern repeats no group and looks neither ahead nor behind")
    repeats, groups = len(_REPEAT.findall(plain)), plain.count("(") if "|" in plain else 0
    if repeats > MAX_REPEATS:
        raise PatternIsRefused(f"a pattern repeats at most {MAX_REPEATS} times")
    if repeats + groups > MAX_REPEATS:
        raise PatternIsRefused(
            f"a pattern has at most {MAX_REPEATS} groups of alternatives, each repetition counted as one"
        )
    if plain.count("?") > MAX_OPTIONAL:
        raise PatternIsRefused(f"a pattern has at most {MAX_OPTIONAL} optional parts")
    try:
        re.compile(pattern)
    except (re.error, OverflowError):
        raise PatternIsRefused("the pattern cannot be read") from None
