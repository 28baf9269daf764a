"""What benches and drills print and write: one line per figure or promise, never a failure."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

BUILD = Path(__file__).resolve().parent.parent / "build"


@dataclass(frozen=True)
class Figure:
    """One measured value. `bar` is what must be reached, `aim` what we would like; None where there is none."""

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
        """The figure for a terminal."""
        verdict = {True: "holds", False: "FALLS SHORT", None: ""}[self.holds]
        sign = "<=" if self.less_is_better else ">="
        bar = f"bar {sign} {self.bar:g}" if self.bar is not None else ""
        aim = f"aim {sign} {self.aim:g}" if self.aim is not None else ""
        return f"{self.name:34} {self.value:>10.3f} {self.unit:8} {bar:14} {aim:12} {verdict:11} {self.how}"


Measure = Callable[[], Iterable[Figure]]


def run(measures: dict[str, Measure], only: Sequence[str], file: str) -> None:
    """Run the measures, print each figure as it comes and write them; what was not to run now stays as it was."""
    figures: list[Figure] = []
    for name, measure in measures.items():
        if only and name not in only:
            continue
        for figure in _measured(name, measure):
            print(figure.line(), flush=True)  # noqa: T201 - that is what it is for
            figures.append(figure)
    BUILD.mkdir(exist_ok=True)
    report = _kept(BUILD / file, only) if only else {}
    report |= {figure.name: asdict(figure) | {"holds": figure.holds} for figure in figures}
    (BUILD / file).write_text(json.dumps(list(report.values()), indent=2) + "\n")


def _kept(file: Path, only: Sequence[str]) -> dict[str, Any]:
    """The figures that are there, by name, but for those that say that a measure which now ran could not be taken."""
    before = json.loads(file.read_text()) if file.exists() else []
    return {figure["name"]: figure for figure in before if figure["name"] not in only}


def _measured(name: str, measure: Measure) -> Iterator[Figure]:
    try:
        yield from measure()
    except Exception as error:  # noqa: BLE001 - a figure that cannot be taken is said, and the others still are
        yield Figure(name, 0.0, "", f"could not be measured: {type(error).__name__}: {error}", bar=1.0)
