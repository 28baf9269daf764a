"""Translation of calls: functions of the table, and forms.

A form evaluates a condition for each entry of a list, or looks up a value that all records share.
"""

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

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
from services.validation.engine.domain.language.translation import Translation
from shared.reference.fields import Field

MAX_LIST_DEPTH = 2
"""The maximum depth of nested lists, which keeps the cost of a rule near linear."""


def translate_call(of: Translation, node: ast.Call) -> str:
    """Translate a call by name with positional arguments. Raise ExpressionIsRefused for any other call."""
    starred = any(isinstance(each, ast.Starred) for each in node.args)
    if any(each.arg is not None for each in node.keywords):
        raise of.refusal(USE_DOUBLE_EQUALS)
    if not isinstance(node.func, ast.Name) or node.keywords or starred:
        raise of.refusal("call a function by its name, with arguments separated by commas")
    name = node.func.id
    if name in FORMS:
        return FORMS[name](of, name, node.args)
    if name not in FUNCTIONS:
        raise of.refusal(f"there is no function '{name}'{did_you_mean(name, (*FUNCTIONS, *FORMS))}")
    return _plain_call(of, name, node.args)


@contextmanager
def _tolerating(of: Translation, *, missing: bool) -> Iterator[None]:
    """Set, for the block, whether the values that are read may be missing."""
    outside, of.is_tolerant = of.is_tolerant, missing
    yield
    of.is_tolerant = outside


def _plain_call(of: Translation, name: str, arguments: Sequence[ast.expr]) -> str:
    function = FUNCTIONS[name]
    if not function.min_arguments <= len(arguments) <= function.max_arguments:
        separators = find_separators(of.expression)
        raise of.refusal(separators or f"{name}() does not accept {len(arguments)} arguments")
    if function.literal is not None:
        _check_literal(of, name, arguments[function.literal])
    with _tolerating(of, missing=function.takes_missing):
        sources = [of.visit(each) for each in arguments]
    for at in LIST_FUNCTIONS.get(name, ()):
        source, found = of.resolve(arguments[at])
        # A list of the record is the same for every entry of another list: each entry would read it again.
        if len(of.frames) > (of.scope.item is not None) and not source.startswith(of.frames[-1].variable):
            raise of.refusal(f"inside another list, {name}() reads lists of the item only")
        _check_list(of, name, found.items, arguments[at + 1])
    if function.inline is not None:
        return f"({function.inline(*sources)})"
    return f"f_{name}({', '.join(sources)})"


def _check_literal(of: Translation, name: str, argument: ast.expr) -> None:
    if not isinstance(argument, ast.Constant) or not isinstance(argument.value, str):
        raise of.refusal(f"{name}() requires a text in quotation marks here")
    if name in CODE_LIST_FUNCTIONS and not is_code_list(argument.value):
        raise of.refusal(f"there is no code list '{argument.value}'")
    if name == "matches":
        try:
            check_pattern(argument.value)
        except PatternIsRefused as refused:
            raise of.refusal(str(refused)) from None


def _check_list(of: Translation, name: str, entry: Field | None, field: ast.expr) -> None:
    if entry is None or not isinstance(field, ast.Constant) or field.value not in entry.fields:
        raise of.refusal(f"{name}() requires a list and the name of a field of its entries")
    if entry.name == "record":
        of.columns.add(str(field.value))


def _times(of: Translation, name: str, arguments: Sequence[ast.expr]) -> str:
    """Translate `times`: the records are counted once, and each value is a look-up."""
    _check_records(of, name, arguments)
    counted = of.once(f"x.times({ast.literal_eval(arguments[1])!r})")
    return f"{counted}[{of.visit(arguments[2])}]"


def _look_alikes(of: Translation, name: str, arguments: Sequence[ast.expr]) -> str:
    """Translate `look_alikes`: the records' values are grouped once, and each value is a look-up."""
    _check_records(of, name, arguments)
    grouped = of.once(f"x.look_alikes({ast.literal_eval(arguments[1])!r})")
    return f"{grouped}.get({of.visit(arguments[2])})"


def _check_records(of: Translation, name: str, arguments: Sequence[ast.expr]) -> None:
    if len(arguments) != 3:  # noqa: PLR2004 - records, field and value
        raise of.refusal(f"{name}() requires the records, the name of a field and a value")
    records = of.scope.names.get("records")
    if not isinstance(arguments[0], ast.Name) or arguments[0].id != "records" or records is None:
        does = "counts" if name == "times" else "compares"
        raise of.refusal(f"{name}() {does} the records of a submission only")
    _check_list(of, name, records.items, arguments[1])


def _state(of: Translation, name: str, arguments: Sequence[ast.expr]) -> str:
    """Translate `known` and `withdrawn`: the state of another record."""
    if len(arguments) != 4:  # noqa: PLR2004 - the parts of a record's identity
        raise of.refusal(f"{name}() requires kind, reporter, period and ref of a record")
    identity = ", ".join(of.visit(each) for each in arguments)
    state = {"known": "in_force", "withdrawn": "withdrawn"}[name]
    return f"({of.once('x.state')}({identity}) == {state!r})"


def _walk(of: Translation, name: str, arguments: Sequence[ast.expr]) -> str:
    if not arguments or len(arguments) > 2 or (name != "count" and len(arguments) == 1):  # noqa: PLR2004 - list and condition
        raise of.refusal(f"{name}() requires a list and a condition")
    with _tolerating(of, missing=name == "count"):
        source, found = of.resolve(arguments[0])
    if found.items is None:
        raise of.refusal(f"{name}() requires a list")
    walked = f"({source} or ())" if name == "count" else source
    if len(arguments) == 1:
        return f"len({walked})"
    if len(of.frames) >= MAX_LIST_DEPTH:
        raise of.refusal(f"lists are nested at most {MAX_LIST_DEPTH} deep")
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
    "look_alikes": _look_alikes,
    "known": _state,
    "withdrawn": _state,
}


class ExpressionTranslation(Translation):
    """The translation of an expression with all its parts: names, operators, constants and calls."""

    NODES: Mapping[type[ast.expr], Callable[[Translation, Any], str]] = {
        **Translation.NODES,
        ast.Call: translate_call,
    }
