"""Figures that benches and drills print and write: one line per figure or promise, never a failure."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

BUILD = Path(__file__).resolve().parent.parent / "build"


@dataclass(frozen=True)
class Figure:
    """A measured value. `bar` is the required value, `aim` the desired value; None if there is none."""

    name: str
    value: float
    unit: str
    how: str
    bar: float | None = None
    aim: float | None = None
    less_is_better: bool = False

    @property
    def holds(self) -> bool | None:
        """Whether the bar is met; None without a bar."""
        if self.bar is None:
            return None
        return self.value <= self.bar if self.less_is_better else self.value >= self.bar

    def line(self) -> str:
        """Return the figure as a line for a terminal."""
        verdict = {True: "holds", False: "FALLS SHORT", None: ""}[self.holds]
        sign = "<=" if self.less_is_better else ">="
        bar = f"bar {sign} {self.bar:g}" if self.bar is not None else ""
        aim = f"aim {sign} {self.aim:g}" if self.aim is not None else ""
        return f"{self.name:34} {self.value:>10.3f} {self.unit:8} {bar:14} {aim:12} {verdict:11} {self.how}"


Measure = Callable[[], Iterable[Figure]]


def run(measures: dict[str, Measure], only: Sequence[str], file: str) -> None:
    """Run the measures, print each figure at once and write all; figures of other measures stay as they are."""
    figures: list[Figure] = []
    for name, measure in measures.items():
        if only and name not in only:
            continue
        for figure in _measured(name, measure):
            print(figure.line(), flush=True)  # noqa: T201 - a command prints
            figures.append(figure)
    BUILD.mkdir(exist_ok=True)
    report = _kept(BUILD / file, only) if only else {}
    report |= {figure.name: asdict(figure) | {"holds": figure.holds} for figure in figures}
    (BUILD / file).write_text(json.dumps(list(report.values()), indent=2) + "\n")


def _kept(file: Path, only: Sequence[str]) -> dict[str, Any]:
    """Return the existing figures by name, without the failure entries of measures that were run now."""
    before = json.loads(file.read_text()) if file.exists() else []
    return {figure["name"]: figure for figure in before if figure["name"] not in only}


def _measured(name: str, measure: Measure) -> Iterator[Figure]:
    try:
        yield from measure()
    except Exception as error:  # noqa: BLE001 - a failed measure is reported, and the others still run
        yield Figure(name, 0.0, "", f"could not be measured: {type(error).__name__}: {error}", bar=1.0)
