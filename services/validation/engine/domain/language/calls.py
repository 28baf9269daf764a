"""Calls in an expression: the functions of the table, and the forms that are more than a call.

Forms walk a list with a condition, or look up what is the same for all records.
"""

from __future__ import annotations

import ast
from contextlib import contextmanager
from typing import TYPE_CHECKING

from services.validation.engine.domain.language.expression_errors import (
    USE_DOUBLE_EQUALS,
    did_you_mean,
    find_separators,
)
from services.validation.engine.domain.language.functions import (
    CODE_LIST_FUNCTIONS,
    FUNCTIONS,
    LIST_FUNCTIONS,
    is_code_list,
)
from services.validation.engine.domain.language.patterns import PatternIsRefused, check_pattern
from services.validation.engine.domain.language.scopes import Frame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from services.validation.engine.domain.language.translation import Translation
    from shared.reference.fields import Field

MAX_LIST_DEPTH = 2
"""Lists are walked inside one another at most so deep, which keeps the cost of a rule near linear."""


def translate_call(of: Translation, node: ast.Call) -> str:
    """Translate a call by name with plain arguments; nothing else can be called."""
    starred = any(isinstance(each, ast.Starred) for each in node.args)
    if any(each.arg is not None for each in node.keywords):
        raise of.refusal(USE_DOUBLE_EQUALS)
    if not isinstance(node.func, ast.Name) or node.keywords or starred:
        raise of.refusal("a function is called by its name, with plain arguments")
    name = node.func.id
    if name in FORMS:
        return FORMS[name](of, name, node.args)
    if name not in FUNCTIONS:
        raise of.refusal(f"there is no function '{name}'{did_you_mean(name, (*FUNCTIONS, *FORMS))}")
    return _plain_call(of, name, node.args)


@contextmanager
def _tolerating(of: Translation, *, missing: bool) -> Iterator[None]:
    """While this lasts, what is read may be missing, or may not."""
    outside, of.is_tolerant = of.is_tolerant, missing
    yield
    of.is_tolerant = outside


def _plain_call(of: Translation, name: str, arguments: Sequence[ast.expr]) -> str:
    function = FUNCTIONS[name]
    if not function.min_arguments <= len(arguments) <= function.most:
        separators = find_separators(of.expression)
        raise of.refusal(separators or f"{name}() does not take {len(arguments)} arguments")
    if function.literal is not None:
        _check_literal(of, name, arguments[function.literal])
    with _tolerating(of, missing=function.takes_missing):
        sources = [of.visit(each) for each in arguments]
    if name in LIST_FUNCTIONS:
        source, found = of.resolve(arguments[0])
        # A list of the record is the same for every entry of another: it would be walked again for each.
        if len(of.frames) > (of.scope.item is not None) and not source.startswith(of.frames[-1].variable):
            raise of.refusal(f"{name}() walks a list; inside a walk it takes a list of the item only")
        _check_list(of, name, found.items, arguments[1])
    if function.inline is not None:
        return f"({function.inline(*sources)})"
    return f"f_{name}({', '.join(sources)})"


def _check_literal(of: Translation, name: str, argument: ast.expr) -> None:
    if not isinstance(argument, ast.Constant) or not isinstance(argument.value, str):
        raise of.refusal(f"{name}() wants a text in quotation marks there")
    if name in CODE_LIST_FUNCTIONS and not is_code_list(argument.value):
        raise of.refusal(f"there is no code list '{argument.value}'")
    if name == "matches":
        try:
            check_pattern(argument.value)
        except PatternIsRefused as refused:
            raise of.refusal(str(refused)) from None


def _check_list(of: Translation, name: str, entry: Field | None, lookups: ast.expr) -> None:
    if entry is None or not isinstance(lookups, ast.Constant) or lookups.value not in entry.fields:
        raise of.refusal(f"{name}() wants a list and the name of a field of its entries")
    if entry.name == "record":
        of.columns.add(str(lookups.value))


def _times(of: Translation, name: str, arguments: Sequence[ast.expr]) -> str:
    """The records are counted once; for each value it is a look-up."""
    if len(arguments) != 3:  # noqa: PLR2004 - records, field and value
        raise of.refusal("times() takes the records, the name of a field and a value")
    records = of.scope.names.get("records")
    if not isinstance(arguments[0], ast.Name) or arguments[0].id != "records" or records is None:
        raise of.refusal("times() counts in the records of a submission")
    _check_list(of, name, records.items, arguments[1])
    counted = of.once(f"x.times({ast.literal_eval(arguments[1])!r})")
    return f"{counted}[{of.visit(arguments[2])}]"


def _state(of: Translation, name: str, arguments: Sequence[ast.expr]) -> str:
    """How a record of others stands."""
    if len(arguments) != 4:  # noqa: PLR2004 - what identifies a record
        raise of.refusal(f"{name}() takes kind, reporter, period and ref of a record")
    identity = ", ".join(of.visit(each) for each in arguments)
    state = {"known": "in_force", "withdrawn": "withdrawn"}[name]
    return f"({of.once('x.snapshot.known.get')}(({identity})) == {state!r})"


def _walk(of: Translation, name: str, arguments: Sequence[ast.expr]) -> str:
    if not arguments or len(arguments) > 2 or (name != "count" and len(arguments) == 1):  # noqa: PLR2004 - list and condition
        raise of.refusal(f"{name}() takes a list and a condition")
    with _tolerating(of, missing=name == "count"):
        source, found = of.resolve(arguments[0])
    if found.items is None:
        raise of.refusal(f"{name}() wants a list")
    walked = f"({source} or ())" if name == "count" else source
    if len(arguments) == 1:
        return f"len({walked})"
    if len(of.frames) >= MAX_LIST_DEPTH:
        raise of.refusal(f"lists are walked at most {MAX_LIST_DEPTH} deep")
    frame = Frame(f"i{len(of.frames) + 1}", found.items, found.items.name == "record")
    of.frames.append(frame)
    with _tolerating(of, missing=False):
        condition = of.visit(arguments[1])
    of.frames.pop()
    return _loop(of, name, condition, frame, walked)


def _loop(of: Translation, name: str, condition: str, frame: Frame, walked: str) -> str:
    missing = " or ".join(f"{each} is None" for each in dict.fromkeys(frame.required))
    if missing and of.missing != "given":
        passes_over = name == "every" and of.missing == "skip"
        condition = f"({missing}) or ({condition})" if passes_over else f"not ({missing}) and ({condition})"
    loop = f"for {frame.variable} in {walked}"
    if name == "count":
        return f"sum(1 {loop} if ({condition}))"
    return f"{'all' if name == 'every' else 'any'}(({condition}) {loop})"


FORMS: Mapping[str, Callable[[Translation, str, Sequence[ast.expr]], str]] = {
    "every": _walk,
    "some": _walk,
    "count": _walk,
    "times": _times,
    "known": _state,
    "withdrawn": _state,
}
