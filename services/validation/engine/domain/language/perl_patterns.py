"""Perl-style patterns of any form, without the exponential time that Python's own matching can take.

A pattern with more than two repetitions is simulated as a finite automaton (Thompson's construction). The cost is the
length of the text times the length of the pattern. Single characters and anchors are matched by `re`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from services.validation.engine.domain.language.patterns import PatternIsRefused

MAX_PATTERN_LENGTH = 1_000
MAX_TEXT_LENGTH = 20_000
"""A longer text matches no pattern, which bounds the cost of a search."""
MAX_LOOKAHEAD_TEXT_LENGTH = 500
"""The maximum length of a text for a pattern with look-ahead, which reads the text again at each character."""
SHORT_TEXT = 500
MAX_STATES = 4_000
MAX_DEPTH = 20

_FLAGS = re.compile(r"\(\?([aims]+)\)")
_TOKEN = re.compile(
    r"(?P<anchor>[\^$]|\\[bBAZz])"
    r"|(?P<one>\\[dDwWsSnrtfv]|\\x[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\[^0-9A-Za-z]"
    r"|\[\^?\]?(?:\\.|[^\]\\])*\]|\.|[^\\()|?*+\[{^$.])"
    r"|(?P<look>\(\?[=!])|(?P<open>\(\?:|\(\?P?<[A-Za-z_]\w*>|\((?!\?))|(?P<close>\))|(?P<or>\|)"
    r"|(?P<repeat>(?:[*+?]|\{[0-9]{1,4}(?:,[0-9]{0,4})?\})[?+]?)|(?P<brace>\{)",
    re.DOTALL,
)
_SET_SIGN = re.compile(r"\\.|[\[&|~]", re.DOTALL)
_ANCHORS = {"\\Z": "$", "\\z": r"\Z"}
"""Perl's anchors, as Python writes them."""


@dataclass
class _Node:
    """A part of a pattern: `one` character, an `anchor`, a `look`, `all` or `any` of its parts, or a `repeat`."""

    kind: str
    token: str = ""
    parts: list[_Node] = field(default_factory=list)
    least: int = 0
    most: int | None = None


@dataclass
class _State:
    """A state of the automaton: the condition for leaving it, and the states after it."""

    kind: str
    test: re.Pattern[str] | None = None
    start: int = 0
    is_negative: bool = False
    after: tuple[int, ...] = ()
    seen: dict[str, bool] = field(default_factory=dict)

    def takes(self, character: str) -> bool:
        """Check that the character leads out of this state."""
        if character not in self.seen:
            self.seen[character] = self.test is not None and self.test.match(character) is not None
        return self.seen[character]


@dataclass(frozen=True)
class Pattern:
    """A parsed pattern."""

    plain: re.Pattern[str]
    states: Sequence[_State]
    start: int
    repeats: int
    looks: bool
    is_cheap: bool
    """Whether it repeats at most two single characters, so that `re` searches it in bounded time."""

    def is_in(self, text: str) -> bool:
        """Check that the pattern matches anywhere in the text."""
        if len(text) > (MAX_LOOKAHEAD_TEXT_LENGTH if self.looks else MAX_TEXT_LENGTH):
            return False
        if self.is_cheap and (self.repeats < 2 or len(text) <= SHORT_TEXT):  # noqa: PLR2004 - a square, or the cube of little
            return self.plain.search(text) is not None
        return self.simulates(text)

    def simulates(self, text: str) -> bool:
        """Check, by the automaton, that the pattern matches anywhere in the text. The time is bounded for any pattern."""
        return self._walk(text, 0, self.start, anywhere=True)

    def _walk(self, text: str, first: int, start: int, *, anywhere: bool) -> bool:
        here = {start}
        for at in range(first, len(text) + 1):
            reached = self._closure(here, text, at)
            if any(self.states[each].kind == "end" for each in reached):
                return True
            if at == len(text) or not (reached or anywhere):
                return False
            going = (self.states[each] for each in reached)
            here = {state.after[0] for state in going if state.kind == "one" and state.takes(text[at])}
            if anywhere:
                here.add(start)
        return False

    def _closure(self, begin: Iterable[int], text: str, at: int) -> set[int]:
        """Return all states that are reached without another character."""
        reached: set[int] = set()
        waiting = list(begin)
        while waiting:
            number = waiting.pop()
            if number in reached:
                continue
            reached.add(number)
            if self._lets_through(self.states[number], text, at):
                waiting.extend(self.states[number].after)
        return reached

    def _lets_through(self, state: _State, text: str, at: int) -> bool:
        if state.kind == "anchor":
            return state.test is not None and state.test.match(text, at) is not None
        if state.kind == "look":
            return self._walk(text, at, state.start, anywhere=False) is not state.is_negative
        return state.kind == "split"


def is_found(text: str, pattern: str) -> bool:
    """Check that the pattern matches anywhere in the text. Raise PatternIsRefused."""
    return read_pattern(pattern).is_in(text)


@lru_cache(maxsize=256)
def read_pattern(pattern: str) -> Pattern:
    """Parse a pattern. Raise PatternIsRefused."""
    if not pattern or len(pattern) > MAX_PATTERN_LENGTH:
        raise PatternIsRefused(f"a pattern has from 1 to {MAX_PATTERN_LENGTH} characters")
    stated = _FLAGS.match(pattern)
    flags = (
        re.RegexFlag(sum(getattr(re, each.upper()) for each in set(stated[1]))) if stated else re.RegexFlag(0)
    )
    body = pattern[stated.end() :] if stated else pattern
    tokens = list(_tokens(body))
    builder = _Builder(flags)
    end = builder.add(_State("end"))
    try:
        start = builder.build(_Reader(tokens).whole(), end)
        plain = re.compile("".join(_in_python(kind, token) for kind, token in tokens), flags)
    except (re.error, OverflowError, RecursionError):
        raise PatternIsRefused("the pattern is malformed") from None
    kinds = [kind for kind, _ in tokens]
    repeats = kinds.count("repeat")
    is_cheap = repeats == 0 or (repeats <= 2 and not {"open", "or", "look"} & set(kinds))  # noqa: PLR2004 - see there
    return Pattern(plain, builder.states, start, repeats, "look" in kinds, is_cheap)


def _in_python(kind: str, token: str) -> str:
    """Translate a token to the syntax of `re`. Names of groups are dropped, since nothing reads them."""
    return "(?:" if kind == "open" else _ANCHORS.get(token, token)


def _tokens(pattern: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(pattern):
        found = _TOKEN.match(pattern, at)
        if found is None:
            raise PatternIsRefused(
                f"it is malformed from '{pattern[at : at + 10]}' on; look-behind and back-references are not supported"
            )
        at = found.end()
        kind = str(found.lastgroup)
        if kind == "brace":
            yield "one", r"\{"
        else:
            yield kind, _plain_class(found[0]) if found[0].startswith("[") else found[0]


def _plain_class(token: str) -> str:
    """Escape, in a class of characters, the signs that `re` may one day read as set operations."""
    begin = 2 if token.startswith("[^") else 1
    inner = _SET_SIGN.sub(lambda found: found[0] if len(found[0]) > 1 else f"\\{found[0]}", token[begin:-1])
    return f"{token[:begin]}{inner}]"


class _Reader:
    """A parser from tokens to a tree."""

    def __init__(self, tokens: Sequence[tuple[str, str]]) -> None:
        self._tokens = [*tokens, ("end", "")]
        self._at = 0
        self._depth = 0

    def whole(self) -> _Node:
        tree = self._choices()
        if self._tokens[self._at][0] != "end":
            raise PatternIsRefused("a closing bracket has no opening bracket")
        return tree

    def _choices(self) -> _Node:
        branches = [self._sequence()]
        while self._tokens[self._at][0] == "or":
            self._at += 1
            branches.append(self._sequence())
        return branches[0] if len(branches) == 1 else _Node("any", parts=branches)

    def _sequence(self) -> _Node:
        parts: list[_Node] = []
        while self._tokens[self._at][0] not in ("or", "close", "end"):
            kind, token = self._tokens[self._at]
            self._at += 1
            if kind == "repeat":
                if not parts or parts[-1].kind in ("repeat", "anchor", "look"):
                    raise PatternIsRefused(f"'{token}' has nothing to repeat")
                parts.append(_repeated(parts.pop(), token))
            elif kind in ("open", "look"):
                parts.append(self._group(kind, token))
            else:
                parts.append(_Node(kind, token))
        return _Node("all", parts=parts)

    def _group(self, kind: str, token: str) -> _Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise PatternIsRefused(f"its brackets are nested more than {MAX_DEPTH} deep")
        inner = self._choices()
        if self._tokens[self._at][0] != "close":
            raise PatternIsRefused("an opening bracket has no closing bracket")
        self._at += 1
        self._depth -= 1
        return _Node("look", token, [inner]) if kind == "look" else inner


def _repeated(part: _Node, token: str) -> _Node:
    bounds = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(token[0])
    if bounds is None:
        least, comma, most = token.strip("{}?+").partition(",")
        bounds = int(least), (int(most) if most else None) if comma else int(least)
    return _Node("repeat", parts=[part], least=bounds[0], most=bounds[1])


class _Builder:
    """A builder of states from a tree, from its end to its beginning."""

    def __init__(self, flags: re.RegexFlag) -> None:
        self.states: list[_State] = []
        self._flags = flags

    def add(self, state: _State) -> int:
        if len(self.states) >= MAX_STATES:
            raise PatternIsRefused(f"with its repetitions expanded, it has more than {MAX_STATES} parts")
        self.states.append(state)
        return len(self.states) - 1

    def build(self, node: _Node, after: int) -> int:
        """Return the state where `node` begins, with `after` as its successor."""
        if node.kind == "all":
            for part in reversed(node.parts):
                after = self.build(part, after)
            return after
        if node.kind == "any":
            return self.add(_State("split", after=tuple(self.build(part, after) for part in node.parts)))
        if node.kind == "repeat":
            return self._repeat(node, after)
        if node.kind == "look":
            inner = self.build(node.parts[0], self.add(_State("end")))
            return self.add(_State("look", start=inner, is_negative=node.token.endswith("!"), after=(after,)))
        test = re.compile(_ANCHORS.get(node.token, node.token), self._flags)
        return self.add(_State(node.kind, test, after=(after,)))

    def _repeat(self, node: _Node, after: int) -> int:
        part = node.parts[0]
        if node.most is None:
            start = self.add(_State("split"))
            self.states[start].after = (self.build(part, start), after)
        else:
            start = after
            for _ in range(node.most - node.least):
                start = self.add(_State("split", after=(self.build(part, start), after)))
        for _ in range(node.least):
            start = self.build(part, start)
        return start
