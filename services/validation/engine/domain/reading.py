"""Read files of rules and tables of fields; check and translate them into rulesets and shapes."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from services.validation.engine.domain.findings import (
    SEVERITIES,
    RulesetStamp,
    canonical,
)
from services.validation.engine.domain.language.expression_errors import did_you_mean
from services.validation.engine.domain.language.rule_translation import (
    MISSING,
    TranslatedRule,
    translate,
)
from services.validation.engine.domain.language.scopes import LOOKED_UP, Loads, Scope
from services.validation.engine.domain.messages import message_of
from services.validation.engine.domain.references.lookups import FACTS
from services.validation.engine.domain.rules import Rule, Ruleset, Shapes
from shared.i18n import ENGLISH, LANGUAGES
from shared.reference import KINDS
from shared.reference.fields import Field, field_of
from shared.reference.findings import PLACEHOLDER, TRANSLATED

LEVELS = ("field", "record", "submission", "reference", "history", "file")
"""The levels of a rule: it reads one field of a record, one record, all records together, the records of others, earlier
records, or the parts of the submitted file that were not read."""

_REQUIRED = ("id", "title", "severity", "level", "kinds", "assert", "field", "message", "expected", "why")
_OPTIONAL = ("reference", "when", "missing", "for_each", "periods", "examples", "translations")
_ID = re.compile(r"[A-Za-z]+-[0-9]{2,3}")

SUBMISSION = {
    name: Field(name, "text")
    for name in ("pillar", "kind", "period", "tlp", "reporter", "partner", "received_on")
}
"""The facts of the submission that rules may read. `partner` is missing where the reporter is a member."""


class RulesetIsBroken(ValueError):
    """A ruleset cannot be used; `problems` are its errors, one sentence each."""

    def __init__(self, name: str, problems: Sequence[str]) -> None:
        super().__init__(f"ruleset {name}: " + "; ".join(problems))
        self.name = name
        self.problems = tuple(problems)


def shapes_of(written: Mapping[str, Any]) -> Shapes:
    """Read the description of the fields. Raise SchemaIsInvalid."""
    kinds = {
        kind: {name: field_of(name, spec) for name, spec in fields.items()}
        for kind, fields in written["kinds"].items()
    }
    return Shapes(str(written["version"]), kinds, written)


def ruleset_of(written: Mapping[str, Any], shapes: Shapes) -> Ruleset:
    """Read and translate one file of rules. Raise RulesetIsBroken with all errors."""
    name = str(written.get("name"))
    problems = [
        f"'{each}' is missing" for each in ("name", "version", "title", "rules") if each not in written
    ]
    rules: list[Rule] = []
    for number, each in enumerate(written.get("rules", ()), start=1):
        label = each.get("id", f"rule {number}") if isinstance(each, dict) else f"rule {number}"
        try:
            rules.append(_rule_of(each, str(written.get("version")), shapes))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            problems.append(f"{label}: {error}")
    ids = [rule.id for rule in rules]
    problems += [f"{each}: the id is used twice" for each in sorted(set(ids)) if ids.count(each) > 1]
    if problems:
        raise RulesetIsBroken(name, problems)
    version = str(written["version"])
    stamp = RulesetStamp(name, version, _hash(written, shapes.written))
    return Ruleset(stamp, str(written["title"]), tuple(rules), shapes)


def combined(general: Ruleset, pillar: Ruleset) -> Ruleset:
    """Put the general rules before a pillar's own. The hash covers both."""
    version = f"{pillar.stamp.version}+general.{general.stamp.version}"
    stamp = RulesetStamp(pillar.stamp.name, version, _hash(general.stamp.hash, pillar.stamp.hash))
    return replace(pillar, stamp=stamp, rules=(*general.rules, *pillar.rules))


def _hash(*written: Any) -> str:
    return hashlib.sha256(canonical(written)).hexdigest()


def _rule_of(written: Mapping[str, Any], version: str, shapes: Shapes) -> Rule:
    _check_words(written)
    kinds = tuple(written["kinds"])
    each = written.get("for_each")
    scope = _scope(written["level"], shapes.names(kinds), each)

    def translated(loads: Loads) -> TranslatedRule:
        return translate(
            written.get("when"),
            written["assert"],
            missing=written.get("missing", "skip"),
            scope=scope,
            loads=loads,
        )

    loads = Loads()
    made = translated(loads)
    _check_place(written["field"], scope, each)
    message, expected = (message_of(name, written[name], scope, each) for name in ("message", "expected"))
    periods = written.get("periods", {})
    reads = made.reads | ({each} if each and each not in LOOKED_UP else set())
    if written["level"] == "field" and len(reads) != 1:
        raise ValueError(f"a rule of level field reads one field, this one reads {sorted(reads)}")
    return Rule(
        id=written["id"],
        version=version,
        title=written["title"],
        severity=written["severity"],
        level=written["level"],
        kinds=kinds,
        years=(int(periods.get("from", 0)), int(periods.get("to", 9999))),
        for_each=each,
        list_source=LOOKED_UP.get(each, f"r.get({each!r})") if each else None,
        place=written["field"],
        why=written["why"],
        reference=written.get("reference", ""),
        examples=written.get("examples", {}),
        translations=_translations(written),
        written=written,
        scope=scope,
        test=made.test(loads),
        reads=reads,
        columns=made.columns | message.columns | expected.columns | _columns_of(written, scope),
        message=message.message,
        expected=expected.message,
        translated=translated,
    )


def _translations(written: Mapping[str, Any]) -> Mapping[str, Mapping[str, str]]:
    """Return the texts in other languages. Raise ValueError for an unknown language, and for other expressions."""
    found: Mapping[str, Mapping[str, str]] = written.get("translations", {})
    for language, texts in found.items():
        if language == ENGLISH or language not in LANGUAGES:
            raise ValueError(
                f"translations: there is no language '{language}'{did_you_mean(language, LANGUAGES)}"
            )
        for name, text in texts.items():
            if name not in TRANSLATED:
                raise ValueError(f"translations: '{name}' is not translated{did_you_mean(name, TRANSLATED)}")
            if set(PLACEHOLDER.findall(text)) != set(PLACEHOLDER.findall(written[name])):
                raise ValueError(f"translations: {name} in {language} has other expressions than in English")
    return found


def _check_words(written: Mapping[str, Any]) -> None:
    words = (*_REQUIRED, *_OPTIONAL)
    problems = [f"'{each}' is missing" for each in _REQUIRED if each not in written]
    problems += [f"'{each}' is not known{did_you_mean(each, words)}" for each in written if each not in words]
    if problems:
        raise ValueError("; ".join(problems))
    choices = (("severity", SEVERITIES), ("level", LEVELS), ("missing", MISSING))
    for name, allowed in choices:
        if written.get(name, allowed[0]) not in allowed:
            raise ValueError(f"'{name}' is one of {', '.join(allowed)}")
    if not _ID.fullmatch(written["id"]):
        raise ValueError("the id is written like WBBSi-07")
    if not written["kinds"]:
        raise ValueError("'kinds' is empty; name at least one of need, response, support")
    for kind in written["kinds"]:
        if kind not in KINDS:
            raise ValueError(f"there is no kind '{kind}'{did_you_mean(kind, KINDS)}")


_FORMER = Field(
    "former",
    "list",
    items=Field("need", "block", fields={name: Field(name, "text") for name in ("ref", *FACTS)}),
)
_SIMILAR = Field(
    "similar",
    "list",
    items=Field(
        "support",
        "block",
        fields={
            "ref": Field("ref", "ref"),
            "reporter": Field("reporter", "text"),
            "title": Field("title", "text"),
            "score": Field("score", "number"),
            "reasons": Field("reasons", "list", items=Field("reason", "text")),
        },
    ),
)
_UNREAD = Field(
    "unread",
    "list",
    items=Field(
        "part",
        "block",
        fields={
            **{name: Field(name, "text") for name in ("reason", "bears", "message", "expected")},
            **{name: Field(name, "text") for name in ("amount", "currency", "sheet", "cell", "element")},
            "row": Field("row", "number"),
            "ref": Field("ref", "ref"),
        },
    ),
)


def _scope(level: str, names: Mapping[str, Field], each: str | None) -> Scope:
    """Return the names that a rule of this level may use."""
    records = Field("records", "list", items=Field("record", "block", fields=names))
    if level == "submission":
        names = {"records": records}
    elif level == "history" and each == "former":
        names = {"records": records, "former": _FORMER}
    elif level == "file":
        if each != "unread":
            raise ValueError("a rule of level file is for_each: unread")
        names = {"records": records, "unread": _UNREAD}
    elif level == "history":
        known = {name: names[name] for name in FACTS if name in names}
        alike = Field("alike", "list", items=Field("ref", "ref"))
        names = {**names, "previous": Field("previous", "block", fields=known), "alike": alike}
    elif level == "reference":
        names = {**names, "similar": _SIMILAR}
    if each is None:
        return Scope(names, SUBMISSION)
    if each not in names or names[each].items is None:
        lists = [name for name, spec in names.items() if spec.items is not None]
        raise ValueError(f"for_each: there is no list '{each}'{did_you_mean(each, lists)}")
    return Scope(names, SUBMISSION, names[each].items)


def _check_place(place: str, scope: Scope, each: str | None) -> None:
    """Check that the field that findings point at exists."""
    fields: Mapping[str, Field] = scope.names
    if scope.item is not None and each not in LOOKED_UP:
        fields = scope.item.fields
    for part in place.split(".") if place else ():
        if part not in fields:
            raise ValueError(f"field: there is no '{place}'{did_you_mean(part, fields)}")
        fields = fields[part].fields


def _columns_of(written: Mapping[str, Any], scope: Scope) -> set[str]:
    """Return the fields that a finding of a rule over all records shows."""
    if scope.item is None or scope.item.name != "record":
        return set()
    return {"ref", written["field"].partition(".")[0]} - {""}
