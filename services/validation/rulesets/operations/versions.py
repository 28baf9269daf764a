"""Read rulesets: their versions, and the rules of one of them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from services.validation.engine.domain.rules import Ruleset
from services.validation.engine.domain.shapes.structural_rules import STRUCTURAL_RULES
from services.validation.rulesets import store
from services.validation.rulesets.domain.versions import RulesetVersion
from services.validation.rulesets.formats.ruleset_html import ruleset_as_html
from services.validation.rulesets.operations.files import (
    GENERAL,
    NAMES,
    RulesetIsUnknown,
    bundled_ruleset,
    combine,
    file_in_force,
    file_of_version,
)
from shared.blobs import Blobs
from shared.clock import iso
from shared.database import Transaction

WITH_GENERAL = f"+{GENERAL}."
"""The text between a pillar's version and that of the general rules in the stamp of a verdict."""


def list_rulesets(tx: Transaction, *, blobs: Blobs, on: date) -> list[dict[str, Any]]:
    """List the rulesets in force by name, each with all its versions.

    A pillar's ruleset includes the general rules, as in the stamp of its verdicts.
    """
    versions = store.list_versions(tx)
    return [_summary(_ruleset(tx, blobs, name, "", on), versions, on) for name in NAMES]


def get_ruleset(
    tx: Transaction, *, blobs: Blobs, name: str, on: date, version: str | None = None
) -> dict[str, Any]:
    """Return a ruleset with its rules, their examples, and the fields. Raise RulesetIsUnknown.

    `version` is a version of the ruleset or a verdict's stamp, `2026.1+general.2026.3`; the default is the one in force.
    """
    if name not in NAMES:
        raise RulesetIsUnknown(name)
    ruleset = _ruleset(tx, blobs, name, version or "", on)
    return {
        **_summary(ruleset, store.list_versions(tx), on),
        "rules": [rule.written for rule in ruleset.rules],
        "structure": [
            {"id": each, "title": rule.title, "severity": rule.severity, "why": rule.why}
            for each, rule in STRUCTURAL_RULES.items()
        ],
        "fields": ruleset.shapes.written["kinds"],
    }


def render_ruleset(tx: Transaction, *, blobs: Blobs, name: str, on: date, version: str | None = None) -> str:
    """Return a ruleset as a page. Raise RulesetIsUnknown."""
    return ruleset_as_html(get_ruleset(tx, blobs=blobs, name=name, on=on, version=version))


def list_versions(tx: Transaction, *, on: date) -> list[dict[str, Any]]:
    """List every version of every ruleset with its state on a day."""
    versions = store.list_versions(tx)
    return [{"name": name, **version} for name in NAMES for version in _versions(name, versions, on)]


def _ruleset(tx: Transaction, blobs: Blobs, name: str, version: str, on: date) -> Ruleset:
    own, _, general = version.partition(WITH_GENERAL)
    ruleset = _file(tx, blobs, name, own, on)
    return ruleset if name == GENERAL else combine(_file(tx, blobs, GENERAL, general, on), ruleset)


def _file(tx: Transaction, blobs: Blobs, name: str, version: str, on: date) -> Ruleset:
    if version:
        return file_of_version(tx, blobs=blobs, name=name, version=version)
    return file_in_force(tx, blobs=blobs, name=name, on=on)


def _summary(ruleset: Ruleset, versions: Sequence[RulesetVersion], today: date) -> dict[str, Any]:
    return {
        "name": ruleset.stamp.name,
        "title": ruleset.title,
        "version": ruleset.stamp.version,
        "hash": ruleset.stamp.hash,
        "rule_count": len(ruleset.rules),
        "page": f"/validation/v1/rulesets/{ruleset.stamp.name}.html",
        "versions": _versions(ruleset.stamp.name, versions, today),
    }


def _versions(name: str, versions: Sequence[RulesetVersion], today: date) -> list[dict[str, Any]]:
    """List versions, the last to come into force first. The bundled file is in force until one is published."""
    found: list[dict[str, Any]] = []
    successor: date | None = None
    for each in (each for each in versions if each.name == name):
        found.append(
            {
                "version": each.version,
                "hash": each.hash,
                "state": _state(each.in_force_from, successor, today),
                "in_force_from": each.in_force_from.isoformat(),
                "until": successor.isoformat() if successor else None,
                "published_at": iso(each.published_at),
                "published_by": each.published_by,
                "applied_at": iso(each.applied_at) if each.applied_at else None,
            }
        )
        successor = each.in_force_from
    stamp = bundled_ruleset(name).stamp
    if stamp.version not in {each["version"] for each in found}:
        unpublished = dict.fromkeys(("in_force_from", "published_at", "published_by", "applied_at"))
        state = _state(None, successor, today)
        until = successor.isoformat() if successor else None
        found.append(
            {"version": stamp.version, "hash": stamp.hash, "state": state, "until": until, **unpublished}
        )
    return found


def _state(in_force_from: date | None, successor: date | None, today: date) -> str:
    """Return `coming`, `in_force` or `retired`. A successor may retire a version before it came into force."""
    starts = today if in_force_from is None else in_force_from
    if successor is not None and successor <= max(starts, today):
        return "retired"
    return "coming" if starts > today else "in_force"
