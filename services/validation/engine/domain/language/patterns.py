"""Patterns that a rule may match. None takes exponential time, whatever the text."""

import re

MAX_PATTERN_LENGTH = 120
MAX_REPEATS = 3
"""Each repetition multiplies the cost by the length of the text, which is bounded. A group of alternatives multiplies
it by their number, so it counts as a repetition."""
MAX_OPTIONAL = 4
"""Each optional part may double the cost."""

_ESCAPED_OR_CLASS = re.compile(r"\\.|\[\^?\]?[^\]]*\]")
_REPEATED_GROUP = re.compile(r"\)[*+?{]")
_REPEAT = re.compile(r"[*+{]")


class PatternIsRefused(ValueError):
    """A pattern is too costly or malformed."""


def check_pattern(pattern: str) -> None:
    """Raise PatternIsRefused for repeated groups, look-around, back-references and many repetitions."""
    if len(pattern) > MAX_PATTERN_LENGTH:
        raise PatternIsRefused(f"a pattern has at most {MAX_PATTERN_LENGTH} characters")
    if re.search(r"\\[0-9gk]", pattern):
        raise PatternIsRefused("a pattern has no back-references")
    plain = _ESCAPED_OR_CLASS.sub("a", pattern)
    if "(?" in plain or _REPEATED_GROUP.search(plain):
        raise PatternIsRefused("a pattern has no repeated groups, look-ahead or look-behind")
    repeats, groups = len(_REPEAT.findall(plain)), plain.count("(") if "|" in plain else 0
    if repeats > MAX_REPEATS:
        raise PatternIsRefused(f"a pattern has at most {MAX_REPEATS} repetitions")
    if repeats + groups > MAX_REPEATS:
        raise PatternIsRefused(
            f"a pattern has at most {MAX_REPEATS} repetitions and groups of alternatives together"
        )
    if plain.count("?") > MAX_OPTIONAL:
        raise PatternIsRefused(f"a pattern has at most {MAX_OPTIONAL} optional parts")
    try:
        re.compile(pattern)
    except (re.error, OverflowError):
        raise PatternIsRefused("the pattern is malformed") from None
