"""The engines for comparison, in a separate environment: `python -m tests.bench.rules.apart ENGINE ...`.

The program reads one engine name per line, judges the rows with that engine and writes a line of JSON with the time and
the findings. The rows are prepared in each engine's preferred form; preparing them is not measured.
"""

import gc
import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

import pandas as pd
import pandera.pandas as pa
import polars as pl
from frictionless import Check, Checklist, Package, Resource, Schema, checks, errors

from tests.bench.rules.rows import (
    CURRENCIES,
    HIGHEST_BUDGET,
    HIGHEST_URGENCY,
    NEEDS,
    STATUSES,
    TYPES,
    Finding,
    Row,
    make_rows,
)

DATES = ("decided", "start", "end")
NUMBERS = ("share", "budget", "spent")
COLUMNS = ("ref", "title", "institution", "type", "status", "currency", "need", "urgency", *DATES, *NUMBERS)
UNLIMITED = 10**9


class Polars:
    """Handwritten expressions, one per rule, evaluated together."""

    def __init__(self, rows: Sequence[Row]) -> None:
        schema = {name: pl.Float64 if name in NUMBERS else pl.String for name in COLUMNS}
        frame = pl.DataFrame(rows, schema={**schema, "urgency": pl.Int64})
        self._frame = frame.with_columns(pl.col(*DATES).str.to_date())

    def judge(self) -> list[Finding]:
        """Evaluate all expressions, then return where each column is true."""
        broken = self._frame.select(**_BROKEN)
        return [(at, column.name) for column in broken for at in column.arg_true().to_list()]


_BROKEN = {
    "FLAT-01": pl.col("title").is_null(),
    "FLAT-02": pl.col("institution").is_null(),
    "FLAT-03": pl.col("status").is_null(),
    "FLAT-04": ~pl.col("type").is_in(TYPES),
    "FLAT-05": ~pl.col("status").is_in(STATUSES),
    "FLAT-06": ~pl.col("currency").is_in(CURRENCIES),
    "FLAT-07": pl.col("decided") > pl.col("start"),
    "FLAT-08": pl.col("start") > pl.col("end"),
    "FLAT-09": ~pl.col("budget").is_between(0, HIGHEST_BUDGET),
    "FLAT-10": ~pl.col("share").is_between(0, 100),
    "FLAT-11": ~pl.col("urgency").is_between(1, HIGHEST_URGENCY),
    "FLAT-12": pl.col("budget").is_not_null() & pl.col("currency").is_null(),
    "FLAT-13": (pl.col("status") == "completed") & pl.col("end").is_null(),
    "FLAT-14": pl.col("spent") > pl.col("budget"),
    "FLAT-15": pl.col("ref").is_duplicated() & pl.col("ref").is_not_null(),
    "FLAT-16": ~pl.col("need").is_in(NEEDS),
}


class Pandera:
    """A schema over a pandas frame, validated lazily so that it finds all faults."""

    def __init__(self, rows: Sequence[Row]) -> None:
        frame = pd.DataFrame(rows, columns=list(COLUMNS))
        self._frame = frame.assign(**{name: pd.to_datetime(frame[name]) for name in DATES})

    def judge(self) -> list[Finding]:
        """Return the rows of the failure cases, once each; checks of whole rows give one case per column."""
        try:
            _TABLE.validate(self._frame, lazy=True)
        except pa.errors.SchemaErrors as broken:
            cases = broken.failure_cases[["index", "check", "column"]].itertuples(index=False, name=None)
            return list({(int(at), _CHECKED.get((column, check), check)) for at, check, column in cases})
        return []


_CHECKED = {
    ("title", "not_nullable"): "FLAT-01",
    ("institution", "not_nullable"): "FLAT-02",
    ("status", "not_nullable"): "FLAT-03",
    ("ref", "field_uniqueness"): "FLAT-15",
}
_TABLE = pa.DataFrameSchema(
    {
        "ref": pa.Column(unique=True, report_duplicates="all"),
        "title": pa.Column(),
        "institution": pa.Column(),
        "type": pa.Column(checks=pa.Check.isin(TYPES, error="FLAT-04"), nullable=True),
        "status": pa.Column(checks=pa.Check.isin(STATUSES, error="FLAT-05")),
        "currency": pa.Column(checks=pa.Check.isin(CURRENCIES, error="FLAT-06"), nullable=True),
        "budget": pa.Column(checks=pa.Check.in_range(0, HIGHEST_BUDGET, error="FLAT-09"), nullable=True),
        "share": pa.Column(checks=pa.Check.in_range(0, 100, error="FLAT-10"), nullable=True),
        "urgency": pa.Column(checks=pa.Check.in_range(1, HIGHEST_URGENCY, error="FLAT-11"), nullable=True),
        "need": pa.Column(checks=pa.Check.isin(NEEDS, error="FLAT-16"), nullable=True),
    },
    checks=[
        pa.Check(lambda rows: ~(rows["decided"] > rows["start"]), error="FLAT-07"),
        pa.Check(lambda rows: ~(rows["start"] > rows["end"]), error="FLAT-08"),
        pa.Check(lambda rows: rows["budget"].isna() | rows["currency"].notna(), error="FLAT-12"),
        pa.Check(lambda rows: (rows["status"] != "completed") | rows["end"].notna(), error="FLAT-13"),
        pa.Check(lambda rows: ~(rows["spent"] > rows["budget"]), error="FLAT-14"),
    ],
)


class Frictionless:
    """A table schema with a foreign key, and formulas for rules that span fields."""

    def __init__(self, rows: Sequence[Row]) -> None:
        table = [[row.get(name) for name in COLUMNS] for row in rows]
        package = Package(
            resources=[
                Resource(name="rows", data=[list(COLUMNS), *table], schema=Schema.from_descriptor(_SCHEMA)),
                Resource(name="needs", data=[["ref"], *([need] for need in NEEDS)]),
            ]
        )
        self._rows = package.get_resource("rows")
        self._checklist = self._checks()

    def judge(self) -> list[Finding]:
        """Return the reported findings: without the first row of each ref, and from row number 2, after the header."""
        report = self._rows.validate(self._checklist, limit_errors=UNLIMITED)
        return [(error.row_number - 2, _rule_of(error)) for error in report.tasks[0].errors]

    def _checks(self) -> Checklist:
        return Checklist(checks=[checks.row_constraint(formula=each) for each in _FORMULAS])


class FrictionlessPython(Frictionless):
    """The Frictionless engine with a Python check for rules that span fields, which is much faster."""

    def _checks(self) -> Checklist:
        return Checklist(checks=[_AcrossFields()])


class _AcrossFields(Check):
    Errors: ClassVar = [errors.RowConstraintError]

    def validate_row(self, row: Any) -> Iterator[errors.RowConstraintError]:
        """Yield an error for each rule that the row breaks."""
        decided, start, end = row["decided"], row["start"], row["end"]
        budget, spent = row["budget"], row["spent"]
        broken = {
            "FLAT-07": decided is not None and start is not None and decided > start,
            "FLAT-08": start is not None and end is not None and start > end,
            "FLAT-12": budget is not None and row["currency"] is None,
            "FLAT-13": row["status"] == "completed" and end is None,
            "FLAT-14": spent is not None and budget is not None and spent > budget,
        }
        for rule, is_broken in broken.items():
            if is_broken:
                yield errors.RowConstraintError.from_row(row, note=f'"{rule}"')


_FORMULAS = {
    "decided is None or start is None or decided <= start": "FLAT-07",
    "start is None or end is None or start <= end": "FLAT-08",
    "budget is None or currency is not None": "FLAT-12",
    "status != 'completed' or end is not None": "FLAT-13",
    "spent is None or budget is None or spent <= budget": "FLAT-14",
}
_CONSTRAINED = {
    ("title", "required"): "FLAT-01",
    ("institution", "required"): "FLAT-02",
    ("status", "required"): "FLAT-03",
    ("type", "enum"): "FLAT-04",
    ("status", "enum"): "FLAT-05",
    ("currency", "enum"): "FLAT-06",
    ("budget", "minimum"): "FLAT-09",
    ("share", "maximum"): "FLAT-10",
    ("urgency", "maximum"): "FLAT-11",
}
_CONSTRAINTS: Mapping[str, Mapping[str, Any]] = {
    "ref": {"unique": True},
    "title": {"required": True},
    "institution": {"required": True},
    "type": {"enum": list(TYPES)},
    "status": {"required": True, "enum": list(STATUSES)},
    "currency": {"enum": list(CURRENCIES)},
    "budget": {"minimum": 0, "maximum": HIGHEST_BUDGET},
    "share": {"minimum": 0, "maximum": 100},
    "urgency": {"minimum": 1, "maximum": HIGHEST_URGENCY},
}
_TYPES = {**dict.fromkeys(DATES, "date"), **dict.fromkeys(NUMBERS, "number"), "urgency": "integer"}
_SCHEMA = {
    "fields": [
        {"name": name, "type": _TYPES.get(name, "string"), "constraints": _CONSTRAINTS.get(name, {})}
        for name in COLUMNS
    ],
    "foreignKeys": [{"fields": ["need"], "reference": {"resource": "needs", "fields": ["ref"]}}],
}


def _rule_of(error: Any) -> str:
    """Return the rule of an error, whose note quotes the formula or names the constraint."""
    if error.type == "unique-error":
        return "FLAT-15"
    if error.type == "foreign-key":
        return "FLAT-16"
    said = error.note.split('"')[1]
    return (
        _FORMULAS.get(said, said) if error.type == "row-constraint" else _CONSTRAINED[error.field_name, said]
    )


ENGINES = {
    "polars": Polars,
    "pandera": Pandera,
    "frictionless": Frictionless,
    "frictionless_python": FrictionlessPython,
}


def main() -> None:
    """Judge the rows with the engine that each line of the input names."""
    rows = make_rows()
    ready = {name: engine(rows) for name, engine in ENGINES.items()}
    for line in sys.stdin:
        gc.collect()
        began = time.perf_counter()
        found = ready[line.strip()].judge()
        took = time.perf_counter() - began
        print(json.dumps({"seconds": took, "found": found}), flush=True)  # noqa: T201 - the parent reads it


if __name__ == "__main__":
    main()
