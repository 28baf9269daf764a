"""Answer for the rulesets: which versions there are and how each stands, and all that one says."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from services.validation.domain.shapes.structure import STRUCTURAL
from services.validation.rulesets import store
from services.validation.rulesets.domain.versions import RulesetVersion
from services.validation.rulesets.formats.ruleset_html import ruleset_as_html
from services.validation.rulesets.operations.files import (
    GENERAL,
    NAMES,
    RulesetIsUnknown,
    file_in_force,
    file_of_version,
    ruleset_file,
    together,
)
from shared.clock import iso

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from services.validation.engine.domain.rules import Ruleset
    from shared.blobs import Blobs
    from shared.database import Transaction

WITH_GENERAL = f"+{GENERAL}."
"""Stands between a pillar's version and that of the general rules, in the stamp of a verdict."""


def list_rulesets(tx: Transaction, *, blobs: Blobs, on: date) -> list[dict[str, Any]]:
    """The rulesets in force, by name, each with all its versions.

    A pillar's holds the general rules too, as its verdicts are stamped.
    """
    versions = store.all_ruleset_versions(tx)
    return [_summary(_shown(tx, blobs, name, "", on), versions, on) for name in NAMES]


def get_ruleset(
    tx: Transaction, *, blobs: Blobs, name: str, on: date, version: str | None = None
) -> dict[str, Any]:
    """A ruleset with its rules, their examples, and the fields; raises RulesetIsUnknown.

    `version` is one of its own or a verdict's stamp, `2026.1+general.2026.2`; else it is the one in force.
    """
    if name not in NAMES:
        raise RulesetIsUnknown(name)
    ruleset = _shown(tx, blobs, name, version or "", on)
    return {
        **_summary(ruleset, store.all_ruleset_versions(tx), on),
        "rules": [rule.written for rule in ruleset.rules],
        "structure": [
            {"id": each, "title": rule.title, "severity": rule.severity, "why": rule.why}
            for each, rule in STRUCTURAL.items()
        ],
        "fields": ruleset.shapes.written["kinds"],
    }


def render_ruleset(
    tx: Transaction, *, blobs: Blobs, name: str, on: date, version: str | None = None
) -> tuple[str, str]:
    """Return a ruleset as a page, and the page's ETag. Raise RulesetIsUnknown."""
    text = ruleset_as_html(get_ruleset(tx, blobs=blobs, name=name, on=on, version=version))
    return text, hashlib.sha256(text.encode()).hexdigest()[:32]


def list_versions(tx: Transaction, *, on: date) -> list[dict[str, Any]]:
    """Every version of every ruleset, and how it stands on a day."""
    versions = store.all_ruleset_versions(tx)
    return [{"name": name, **version} for name in NAMES for version in _versions(name, versions, on)]


def _shown(tx: Transaction, blobs: Blobs, name: str, version: str, on: date) -> Ruleset:
    own, _, general = version.partition(WITH_GENERAL)
    ruleset = _file(tx, blobs, name, own, on)
    return ruleset if name == GENERAL else together(_file(tx, blobs, GENERAL, general, on), ruleset)


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
    """The last to come into force first; the file that ships holds until one was published."""
    shown: list[dict[str, Any]] = []
    successor: date | None = None
    for each in (each for each in versions if each.name == name):
        shown.append(
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
    stamp = ruleset_file(name).stamp
    if stamp.version not in {each["version"] for each in shown}:
        of_shipped = dict.fromkeys(("in_force_from", "published_at", "published_by", "applied_at"))
        state = _state(None, successor, today)
        until = successor.isoformat() if successor else None
        shown.append(
            {"version": stamp.version, "hash": stamp.hash, "state": state, "until": until, **of_shipped}
        )
    return shown


def _state(in_force_from: date | None, successor: date | None, today: date) -> str:
    """`coming`, `in_force`, or `retired`: another took its place, perhaps before it came into force."""
    starts = today if in_force_from is None else in_force_from
    if successor is not None and successor <= max(starts, today):
        return "retired"
    return "coming" if starts > today else "in_force"
