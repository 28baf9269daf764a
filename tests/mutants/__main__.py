"""Run the mutants: `python -m tests.mutants [engine | engine/engine/domain/language/functions | rules] [--sample 1500 | all] [--seed 1]`.

Prints each survivor at once, then the shares, and writes both to build/mutants.json. Exits with 1 below the bar.
"""

import argparse
import gc
import json
import random
import sys
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import yaml

import tests.conftest  # noqa: F401 - loads what takes long, once, before the processes part
from tests.figures import BUILD
from tests.mutants.changes import IsBrokenBefore, Mutant
from tests.mutants.engine import Engine
from tests.mutants.report import Half, by_file, figures_of, table_of

ROOT = BUILD.parent
ENGINE = Engine(ROOT, "services/validation", "tests/validation", modules="**/domain/**/*.py")
RULES = ROOT / "services" / "validation" / "rulesets" / "rulesets"


class _Quick(yaml.SafeLoader):
    """A fast loader for valid YAML. Errors of invalid YAML come from the loader in Python, with their position."""

    def __init__(self, stream: str | bytes) -> None:
        super().__init__(stream)
        self._written = stream

    def get_single_data(self) -> Any:
        quick = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(self._written)
        quick.yaml_implicit_resolvers = self.yaml_implicit_resolvers
        try:
            node = quick.get_single_node()
            return None if node is None else self.construct_document(node)
        except yaml.YAMLError:
            super().__init__(self._written)
            return super().get_single_data()


def main() -> int:
    """Run the mutants, print and write the results, and return the exit status."""
    asked = _asked()
    halves = []
    half, _, part = (asked.only or "").partition("/")
    if half != "rules":
        halves.append(_engine(asked.sample, asked.seed, part))
    if half != "engine":
        halves.append(_rules())
    rows, figures = by_file(halves), list(figures_of(halves))
    print("\n".join((*table_of(rows), *(figure.line() for figure in figures))))  # noqa: T201 - that is what it is for
    written = {
        "figures": [asdict(figure) | {"holds": figure.holds} for figure in figures],
        "files": rows,
        "survivors": sorted(str(mutant) for half in halves for mutant in half.survivors),
    }
    BUILD.mkdir(exist_ok=True)
    (BUILD / "mutants.json").write_text(json.dumps(written, indent=2, ensure_ascii=False) + "\n")
    return 0 if all(figure.holds for figure in figures) else 1


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants")
    parts = [f"engine/{each}" for each in ENGINE.parts()]
    parser.add_argument("only", nargs="?", choices=["engine", *parts, "rules"], metavar="ONLY")
    parser.add_argument("--sample", default="1500", help="so many of the engine's mutants, or 'all'")
    parser.add_argument("--seed", type=int, default=1, help="which of them")
    return parser.parse_args()


def _engine(sample: str, seed: int, part: str) -> Half:
    """Run mutants of the engine, or of a part of it: a sample that is equal for equal seeds and equal code."""
    everyone = ENGINE.mutants(part)
    wanted = len(everyone) if sample == "all" else min(int(sample), len(everyone))
    chosen = sorted(random.Random(seed).sample(range(len(everyone)), wanted))
    # The suite reads the rule files many times; and what the collector leaves alone, the processes share.
    yaml.SafeLoader = _Quick
    gc.freeze()
    return _told(Half("engine", len(everyone)), ENGINE.outcomes([everyone[at] for at in chosen]))


def _rules() -> Half:
    # It loads the engine, which must not be there yet when the engine's own mutants are tried.
    from services.validation.rulesets.operations.files import shapes  # noqa: PLC0415 - see above
    from tests.mutants.rules import mutants_of  # noqa: PLC0415 - see above

    everyone = [
        each
        for path in sorted(RULES.glob("*.yaml"))
        for each in mutants_of(path.read_bytes(), str(path.relative_to(ROOT)), shapes())
    ]
    return _told(Half("rules", len(everyone)), ((each, each.outcome()) for each in everyone))


def _told(half: Half, outcomes: Iterable[tuple[Mutant, str]]) -> Half:
    for mutant, outcome in outcomes:
        half.tried.append((mutant, outcome))
        if outcome == "survived":
            print(mutant, flush=True)  # noqa: T201 - that is what it is for
    return half


if __name__ == "__main__":
    try:
        sys.exit(main())
    except IsBrokenBefore as broken:
        sys.exit(f"{broken}: nothing can be said about mutants before that is mended")
