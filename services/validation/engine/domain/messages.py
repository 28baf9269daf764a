"""Messages of rules: texts with expressions in braces, filled for a record in the terms of its sender.

Beside the expressions of the rule language, a message may name a field, {field(end)}, and codes of a field's list,
{code(status, 'planned')}. A developer reads the name and the code, an officer the heading and the label.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.validation.engine.domain.findings import MAX_QUOTED, MAX_VALUE, shown
from services.validation.engine.domain.language.context import Context
from services.validation.engine.domain.language.expression_errors import did_you_mean
from services.validation.engine.domain.language.rule_translation import Text as Value
from services.validation.engine.domain.language.rule_translation import translate_value
from services.validation.engine.domain.language.scopes import LOOKED_UP, ExpressionIsRefused, Scope
from services.validation.engine.domain.words import Words
from shared.i18n import RuleText, Text
from shared.reference import CODELISTS
from shared.reference.fields import CODES, Field
from shared.reference.spelling import lists_of, nearest_code
from shared.reference.unread import UNREAD
from shared.reference.unread import expected_of as expected_of_unread
from shared.reference.unread import message_of as message_of_unread

MAX_ENTRIES = 20
"""The maximum number of list entries in a message."""

_PLACE = re.compile(r"\{([^{}]*)\}")
_UNKNOWN = "(unknown)"
_UNREAD_TEXTS = {"item.message": message_of_unread, "item.expected": expected_of_unread}
_OFFERING = ("codes(", "themes(")
"""The functions by which a message offers codes."""
_ITEM = "item"


@dataclass(frozen=True)
class Filling:
    """The values with which a message is filled. `inside` is the path of the list's entry, such as `needs.0`."""

    record: Mapping[str, Any]
    submission: Mapping[str, Any]
    item: Any
    context: Context
    words: Words
    inside: str = ""
    longest: int = MAX_QUOTED
    """The maximum length of a text among the values."""


@dataclass(frozen=True)
class Expression:
    """A value of the record. `codelist` names the list of its codes, if it has one; `separator` divides several values."""

    source: str
    of: Value
    codelist: str | None
    separator: str = ", "

    def filled(self, filling: Filling) -> str:
        """Return the value as a text. A value that cannot be computed becomes (unknown)."""
        try:
            value = self.of(filling.record, filling.submission, filling.item, filling.context)
        except Exception:  # noqa: BLE001 - a finding must not be lost because its message cannot be filled
            return _UNKNOWN
        if self.source in _UNREAD_TEXTS and isinstance(value, str):
            return _text_of_unread(self.source, value, filling) or _plain(value, filling.longest)
        if not isinstance(value, list):
            is_coded = self._is_coded([value])
            return self._named([value], filling.words, "") if is_coded else _plain(value, filling.longest)
        first, last = value[:MAX_ENTRIES], "…" if len(value) > MAX_ENTRIES else ""
        if self._is_coded(first):
            return self._named(first, filling.words, last)
        return self.separator.join(
            [*(_plain(each, filling.longest) for each in first), *filter(None, [last])]
        )

    @property
    def offers_codes(self) -> bool:
        """Whether the expression names the codes that would pass."""
        return self.codelist is not None and self.source.startswith(_OFFERING)

    def _is_coded(self, values: Sequence[Any]) -> bool:
        return self.codelist is not None and all(isinstance(each, str) for each in values)

    def _named(self, codes: Sequence[str], words: Words, last: str) -> str:
        return words.codes(self.codelist or "", [_plain(each) for each in codes], last=last)


@dataclass(frozen=True)
class FieldName:
    """The name of a field, for `{field(path)}`."""

    source: str
    path: str
    of_item: bool

    def filled(self, filling: Filling) -> str:
        """Return the name of the field, or the heading of its column."""
        path = ".".join(filter(None, (filling.inside, self.path))) if self.of_item else self.path
        return filling.words.field(path)


@dataclass(frozen=True)
class CodeNames:
    """Codes of a field's list, for `{code(path, 'first', 'second')}`."""

    source: str
    codelist: str
    codes: tuple[str, ...]

    def filled(self, filling: Filling) -> str:
        """Return the codes, or their labels."""
        return filling.words.codes(self.codelist, self.codes)


@dataclass(frozen=True)
class Message:
    """A text with placeholders. `template` is the text as the rule has it."""

    template: str
    parts: tuple[str | Expression | FieldName | CodeNames, ...]
    longest: int = MAX_QUOTED

    def filled(self, filling: Filling) -> RuleText:
        """Fill the text for a record."""
        filling = replace(filling, longest=self.longest)
        values = {part.source: part.filled(filling) for part in self.parts if not isinstance(part, str)}
        return RuleText(self.template, values)

    def suggestion(self, value: Any, filling: Filling) -> str | None:
        """Return the offered code that a text means or resembles, in the terms of the sender; None if there is none."""
        for part in self.parts:
            if isinstance(part, Expression) and part.offers_codes and isinstance(value, str):
                codes = tuple(
                    part.of(filling.record, filling.submission, filling.item, filling.context) or ()
                )
                near = nearest_code(value, part.codelist or "", codes)
                return None if near in (None, value) else filling.words.codes(part.codelist or "", [near])
        return None


@dataclass(frozen=True)
class ReadMessage:
    """A message and the columns that it reads of other records."""

    message: Message
    columns: frozenset[str]


def message_of(name: str, text: str, scope: Scope, each: str | None) -> ReadMessage:
    """Read a message of a rule; `each` is the list of its `for_each`. Raise ValueError."""
    parts: list[str | Expression | FieldName | CodeNames] = []
    columns: set[str] = set()
    for at, piece in enumerate(_PLACE.split(text)):
        if "{" in piece or "}" in piece:
            raise ValueError(f"{name}: a brace is unpaired; an expression is written in {{ and }}")
        if not at % 2:
            parts += [piece] if piece else []
        elif (named := _named(piece, scope, each)) is not None:
            parts.append(named)
        else:
            value = translate_value(piece, scope=scope)
            # A list inside quotation marks has them around each of its values.
            separator = '", "' if f'"{{{piece}}}"' in text else ", "
            parts.append(Expression(piece, value.of, _codelist_in(piece, scope, each), separator))
            columns |= value.columns
    # The readers of files wrote the texts of unread parts, which are quoted in full.
    longest = MAX_VALUE if "unread" in scope.names else MAX_QUOTED
    return ReadMessage(Message(text, tuple(parts), longest), frozenset(columns))


def _plain(value: Any, longest: int = MAX_QUOTED) -> str:
    """Return a value without quotation marks, which the message adds where it needs them."""
    if isinstance(value, str):
        return value if len(value) <= longest else f"{value[:longest]}…"
    return shown(value)


def _text_of_unread(source: str, value: str, filling: Filling) -> Text | None:
    """Return the text about an unread part with its template; None if it was shortened or its reason is unknown."""
    part = filling.item if isinstance(filling.item, Mapping) else {}
    if part.get("reason") not in UNREAD:
        return None
    try:
        text = _UNREAD_TEXTS[source](part["reason"], part.get("values", {}))
    except (LookupError, ValueError, TypeError):
        return None
    return text if text == value else None


def _parsed(expression: str) -> ast.expr | None:
    try:
        return ast.parse(expression.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _named(expression: str, scope: Scope, each: str | None) -> FieldName | CodeNames | None:
    """Read the name of a field or of codes; None for an expression of the rule language."""
    call = _parsed(expression)
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or call.keywords:
        return None
    if call.func.id == "field" and len(call.args) == 1:
        path, _ = _resolved(expression, call.args[0], scope)
        return FieldName(
            expression, path.removeprefix(_ITEM).removeprefix("."), path.partition(".")[0] == _ITEM
        )
    if call.func.id == "code" and len(call.args) > 1:
        codelist = _codelist_of(call.args[0], scope, each)
        codes = tuple(str(each.value) for each in call.args[1:] if isinstance(each, ast.Constant))
        if codelist is None or len(codes) != len(call.args) - 1:
            raise ExpressionIsRefused(
                expression, "code() requires a field with a code list, and codes in quotation marks"
            )
        _, spec = _resolved(expression, call.args[0], scope)
        allowed = (spec.items or spec).allowed or tuple(
            code for name in lists_of(codelist) for code in CODELISTS[name].codes
        )
        for code in codes:
            if code not in allowed:
                raise ExpressionIsRefused(
                    expression, f"the list has no code '{code}'{did_you_mean(code, allowed)}"
                )
        return CodeNames(expression, codelist, codes)
    return None


def _resolved(expression: str, node: ast.expr, scope: Scope) -> tuple[str, Field]:
    """Return the path of a field and the field. Raise ExpressionIsRefused."""
    steps = _steps(node)
    fields: Mapping[str, Field] = {**scope.names, **_record_fields(scope)}
    if scope.item is not None:
        fields = {**fields, _ITEM: scope.item}
    found: Field | None = None
    for step in steps:
        if step not in fields:
            raise ExpressionIsRefused(
                expression, f"there is no field '{'.'.join(steps)}'{did_you_mean(step, fields)}"
            )
        found = fields[step]
        # A list of groups is named with the fields of its entries: needs.coverage.
        fields = found.items.fields if found.items is not None else found.fields
    if found is None:
        raise ExpressionIsRefused(expression, "the name of a field is expected here")
    return ".".join(steps), found


def _record_fields(scope: Scope) -> Mapping[str, Field]:
    """Return the fields of the records that a rule over all records reads."""
    records = scope.names.get("records")
    return {} if records is None or records.items is None else records.items.fields


def _steps(node: ast.expr) -> list[str]:
    steps: list[str] = []
    while isinstance(node, ast.Attribute):
        steps.insert(0, node.attr)
        node = node.value
    return [node.id, *steps] if isinstance(node, ast.Name) else []


def _codelist_in(expression: str, scope: Scope, each: str | None) -> str | None:
    """Return the code list of an expression's values, if all have the same one."""
    node = _parsed(expression)
    return None if node is None else _codelist_of(node, scope, each)


def _codelist_of(node: ast.expr, scope: Scope, each: str | None) -> str | None:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return _codelist_of_call(node.func.id, node.args, scope, each)
    steps = _steps(node)
    if steps[:1] == [_ITEM]:
        steps = steps[1:] if each is None or each == "records" or each in LOOKED_UP else [each, *steps[1:]]
    elif steps[:1] and steps[0] in LOOKED_UP:
        steps = steps[1:]
    return _codelist_at(steps, scope)


def _codelist_of_call(name: str, arguments: Sequence[ast.expr], scope: Scope, each: str | None) -> str | None:
    if name == "themes":
        return "theme"
    if name == "codes" and isinstance(arguments[0], ast.Constant):
        return str(arguments[0].value)
    if name == "values" and isinstance(arguments[1], ast.Constant):
        return _codelist_at([*_steps(arguments[0]), str(arguments[1].value)], scope)
    if name == "default":
        found = {
            _codelist_of(each_, scope, each) for each_ in arguments if not isinstance(each_, ast.Constant)
        }
        return found.pop() if len(found) == 1 else None
    return None


def _codelist_at(steps: Sequence[str], scope: Scope) -> str | None:
    """Return the code list of the field at a path; a partner's code has none, but labels."""
    fields: Mapping[str, Field] = _record_fields(scope) or scope.names
    found: Field | None = None
    for step in steps:
        if step not in fields:
            return None
        found = fields[step]
        fields = found.items.fields if found.items is not None else found.fields
    if found is None:
        return None
    entry = found.items or found
    return entry.codelist or CODES.get(".".join(steps)) or ("" if entry.allowed else None)
