"""Code generation: many rules in one function, so that a rule that passes costs no call.

Values that several rules read are loaded once. The function is for records without broken fields only; other records
are evaluated rule by rule.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from services.validation.engine.domain.evaluation.evaluating import cause_of
from services.validation.engine.domain.language.rule_translation import CONDITION, function_of, load_lines
from services.validation.engine.domain.language.scopes import Loads
from services.validation.engine.domain.rules import Rule

Runner = Callable[..., list[tuple[int, int, int, int]]]
"""A function that evaluates rules over valid records. Its arguments are (index, record) pairs, the submission's facts,
the context and, per rule, the callbacks for failed and for errored places. It returns, per rule, the number of
places in its list, and the number skipped for a missing value, for the condition and for an empty list."""

RECORDS = "r.get('records')"
_FIELD = re.compile(r"i0\.get\('(\w+)'\)")


def generate_runner(rules: Sequence[Rule]) -> Runner:
    """Generate the function that evaluates `rules`."""
    runner: Runner = _Source(rules).function()
    return runner


class _Source:
    """The source of the generated function."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = list(enumerate(rules))
        self._loads = Loads()
        self._counters = [f"{letter}{at}" for at, _ in self._rules for letter in "pmcz"]

    def function(self) -> Any:
        """Compile the source."""
        body = list(self._body())
        of_submission = [load for load in self._loads.all if load.root == "s"]
        of_record = [load for load in self._loads.all if load.root in "rx"]
        counts = ", ".join(f"(p{at}, m{at}, c{at}, z{at})" for at, _ in self._rules)
        return function_of(
            [
                "def made(rows, s, x, F, X):",
                *(f" F{at} = F[{at}]; X{at} = X[{at}]" for at, _ in self._rules),
                *(f" {each} = 0" for each in self._counters),
                *load_lines(of_submission, " "),
                " for at, r in rows:",
                *load_lines(of_record, "  "),
                *body,
                "  pass",
                f" return [{counts}]",
            ],
            cause_of=cause_of,
        )

    def _body(self) -> Iterator[str]:
        by_list: dict[str | None, list[tuple[int, Rule]]] = {}
        for at, rule in self._rules:
            by_list.setdefault(rule.list_source, []).append((at, rule))
        for source, group in by_list.items():
            if source is not None:
                yield from self._walk(source, group)
            else:
                for at, rule in group:
                    yield from self._judge(at, rule, "  ", "None")

    def _walk(self, source: str, group: Sequence[tuple[int, Rule]]) -> Iterator[str]:
        """Write one loop for all rules over the same list."""
        judged = [line for at, rule in group for line in self._judge(at, rule, "    ", "j")]
        of_item = self._loads.take_item_loads()
        columns = {load.variable: name[1] for load in of_item if (name := _FIELD.fullmatch(load.source))}
        yield f"  l = {source}"
        yield "  if l:"
        yield from (f"   p{at} += len(l)" for at, _ in group)
        if source == RECORDS and columns and len(columns) == len(of_item):
            # Rules read few fields of each record: the loop unpacks them side by side and makes no record.
            yield f"   for j, ({''.join(f'{each}, ' for each in columns)}) in l.fields({list(columns.values())}):"
        else:
            yield "   for j, i0 in enumerate(l):"
            yield from load_lines(of_item, "    ")
        yield from judged
        yield "  else:"
        yield from (f"   z{at} += 1" for at, _ in group)

    def _judge(self, at: int, rule: Rule, indent: str, item: str) -> Iterator[str]:
        yield f"{indent}try:"
        word = "if"
        for condition, to in rule.translated(self._loads).branches():
            place = f"(at, {item}, None)"
            does = f"F{at}({place})" if to == "failed" else f"{'c' if to == CONDITION else 'm'}{at} += 1"
            yield f"{indent} {word} {condition}: {does}"
            word = "elif"
        yield f"{indent}except Exception as e: X{at}((at, {item}, cause_of(e)))"
