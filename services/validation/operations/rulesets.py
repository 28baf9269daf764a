"""The rulesets in force: read from their files, translated once per process, and checked with their own examples."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from services.validation import formats
from services.validation.domain.examples import problems_of
from services.validation.domain.rules import Ruleset, RulesetIsBroken, Shapes, combined, ruleset_of, shapes_of
from services.validation.domain.shapes import ShapeIsBroken
from shared.reference import PILLARS

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parent.parent / "rulesets"
GENERAL = "general"
NAMES = (GENERAL, *PILLARS)


class RulesetIsUnknown(LookupError):
    """There is no ruleset of that name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no ruleset {name!r}.")


@lru_cache(maxsize=1)
def shapes() -> Shapes:
    """The fields of each kind of record."""
    return shapes_of(formats.read_yaml((FOLDER / "fields.yaml").read_bytes()))


@lru_cache(maxsize=len(NAMES))
def ruleset_file(name: str) -> Ruleset:
    """One file of rules, by its name; raises RulesetIsUnknown, RulesetIsBroken."""
    if name not in NAMES:
        raise RulesetIsUnknown(name)
    return ruleset_of(formats.read_yaml((FOLDER / f"{name}.yaml").read_bytes()), shapes())


@lru_cache(maxsize=len(PILLARS))
def ruleset_for(pillar: str) -> Ruleset:
    """All rules that judge a pillar's submissions: the general ones, then its own."""
    return combined(ruleset_file(GENERAL), ruleset_file(pillar))


def check_rulesets() -> list[str]:
    """Read every ruleset and try every example: what is wrong, one sentence each; nothing when all is well."""
    return [problem for name in NAMES for problem in _problems(name)]


def _problems(name: str) -> Iterator[str]:
    try:
        ruleset = ruleset_file(name)
    except RulesetIsBroken as broken:
        yield from (f"{name}: {problem}" for problem in broken.problems)
    except (OSError, yaml.YAMLError, ShapeIsBroken, formats.FileIsNoMapping) as error:
        yield f"{name}: {error}"
    else:
        yield from (f"{name}: {problem}" for problem in problems_of(ruleset))
