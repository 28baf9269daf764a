"""Tests that every decision record has the common form and names a check that exists."""

import ast
import re
import tomllib
from collections.abc import Iterator
from configparser import ConfigParser
from functools import cache
from pathlib import Path

import pytest

from tests.bench.__main__ import MEASURES
from tests.drill.__main__ import DRILLS

ROOT = Path(__file__).resolve().parent.parent
DECISIONS = ROOT / "docs" / "decisions"
RECORDS = sorted(DECISIONS.glob("[0-9]*.md"))
LOCKS = tuple(ROOT / f"requirements{each}.txt" for each in ("", "-dev", "-yardsticks"))

SECTIONS = ("## Context", "## Decision", "## Consequences", "## Alternatives")
STATUS = re.compile(r"Status: (accepted|superseded by \d{4}), \d{4}-\d{2}")
CHECKED_BY = "*Checked by:* "
CHECK = re.compile(r"(contract|test|drill|bench|make) `([^`]+)`")


@cache
def contracts() -> set[str]:
    """Return the names of the import contracts."""
    parser = ConfigParser()
    parser.read(ROOT / ".importlinter", encoding="utf-8")
    return {parser[section]["name"] for section in parser.sections() if "name" in parser[section]}


@cache
def targets() -> set[str]:
    """Return the targets that `make` lists."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z]+):.*## ", text, re.MULTILINE))


@cache
def functions_in(path: Path) -> set[str]:
    """Return the names of a file's test functions; none if the file does not exist."""
    if not path.is_file():
        return set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def is_there(kind: str, name: str) -> bool:
    """Return whether a check that a record names exists."""
    if kind == "test":
        path, _, function = name.partition("::")
        return function in functions_in(ROOT / path)
    return name in {"contract": contracts(), "drill": DRILLS, "bench": MEASURES, "make": targets()}[kind]


def faults(number: int, text: str) -> Iterator[str]:
    """Yield the faults in a record's form."""
    lines = text.splitlines()
    if not lines[0].startswith(f"# {number}. "):
        yield f"does not begin with '# {number}. '"
    if not any(STATUS.fullmatch(line) for line in lines[:4]):
        yield "has no status"
    if [line for line in lines if line.startswith("## ")] != list(SECTIONS):
        yield "has other sections"
    yield from (f"names nothing {word}" for word in ("good", "bad") if f"**{word.title()}.**" not in text)
    if not lines[-1].startswith(CHECKED_BY):
        yield "does not end with what checks it"
        return
    for check in lines[-1].removeprefix(CHECKED_BY).split("; "):
        if (found := CHECK.fullmatch(check)) is None:
            yield f"is checked by {check!r}, which is no check"
        elif not is_there(*found.groups()):
            yield f"is checked by {check}, which does not exist"


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_a_record_has_its_sections_and_names_checks_that_exist(path):
    assert list(faults(int(path.name[:4]), path.read_text(encoding="utf-8"))) == []


SOUND = """# 7. Doors are closed

Status: accepted, 2026-11

## Context
## Decision
## Consequences

**Good.** Warm.

**Bad.** Dark.

## Alternatives

*Checked by:* make `check`
"""


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("# 7.", "# 8.", "does not begin with '# 7. '"),
        ("accepted", "perhaps", "has no status"),
        ("## Decision\n", "", "has other sections"),
        ("**Bad.** Dark.", "", "names nothing bad"),
        ("*Checked by:*", "Checked by", "does not end with what checks it"),
        ("make `check`", "make `it-so`", "is checked by make `it-so`, which does not exist"),
        ("make `check`", "goodwill", "is checked by 'goodwill', which is no check"),
        ("make", "contract", "is checked by contract `check`, which does not exist"),
        ("make", "drill", "is checked by drill `check`, which does not exist"),
        ("make", "bench", "is checked by bench `check`, which does not exist"),
        (
            "make `check`",
            "test `tests/test_decisions.py::test_nothing`",
            "is checked by test `tests/test_decisions.py::test_nothing`, which does not exist",
        ),
        (
            "make `check`",
            "test `tests/test_doors.py::test_they_close`",
            "is checked by test `tests/test_doors.py::test_they_close`, which does not exist",
        ),
    ],
)
def test_what_a_record_lacks_would_be_found(old, new, found):
    assert list(faults(7, SOUND)) == []
    assert list(faults(7, SOUND.replace(old, new, 1))) == [found]


def test_records_are_numbered_without_a_gap():
    assert [int(path.name[:4]) for path in RECORDS] == list(range(1, len(RECORDS) + 1))


def test_the_index_lists_every_record_under_its_title_and_nothing_else():
    index = (DECISIONS / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^- \[(\d{4})\]\((.+?)\) (.+)$", index, re.MULTILINE)
    assert listed == [(path.name[:4], path.name, title_of(path)) for path in RECORDS]


def title_of(path: Path) -> str:
    """Return a record's title without its number."""
    return path.read_text(encoding="utf-8").splitlines()[0].partition(". ")[2]


PAGES = [*DECISIONS.glob("*.md"), ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_file_that_is_named_is_there(path):
    assert missing_files(path.read_text(encoding="utf-8"), path.parent) == []


def test_a_file_that_is_not_there_would_be_found():
    text = (
        "`shared/clock.py`, `shared/watch.py`, `tests/shared/`, `tests/shard/`, `services/<service>/store.py`"
    )
    assert missing_files(text, DECISIONS) == ["shared/watch.py", "tests/shard/"]
    text = "[a](../rules.md) [b](../roles.md) [c](README.md#adding-one) [d](https://keepachangelog.com)"
    assert missing_files(text, DECISIONS) == ["../roles.md"]


def missing_files(text: str, folder: Path) -> list[str]:
    """Yield paths named or linked in a folder's texts that do not exist; paths with a <blank> are ignored."""
    named = re.findall(r"`((?:deploy|docs|services|shared|tests)/[\w./-]*)[:`]", text)
    linked = re.findall(r"\]\(([^:()#]+)(?:#[^()]*)?\)", text)
    return [path for path in named if not (ROOT / path).exists()] + [
        path for path in linked if not (folder / path).exists()
    ]


def test_every_direct_dependency_is_in_the_table_and_no_other():
    (record,) = DECISIONS.glob("0021-*.md")
    _, run, dev, bench = re.split(r"^### .*$", record.read_text(encoding="utf-8"), flags=re.MULTILINE)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert packages_in(run) == names_of(project["project"]["dependencies"])
    assert packages_in(dev) == names_of(project["dependency-groups"]["dev"])
    assert packages_in(bench) == names_of(project["dependency-groups"]["yardsticks"])


def packages_in(text: str) -> list[str]:
    """Return the first column of the table; rows with an open question are ignored."""
    rows = [
        [cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line[:2] == "| "
    ]
    return [row[0] for row in rows[1:] if len(row) == len(rows[0]) and all(row)]


def names_of(requirements: list[str]) -> list[str]:
    """Return the names of required packages, without versions, extras and markers."""
    return sorted(re.match(r"[A-Za-z0-9._-]+", each)[0].lower() for each in requirements)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_the_locks_have_a_hash_for_every_version_and_no_address(lock):
    assert list(lock_faults(lock.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("click==8.3.0", "click==8.3.0 has no hash"),
        ("click>=8.3 \\\n    --hash=sha256:00", "click>=8.3 is no single version"),
        ("--index-url https://index.example/simple", "there is an address or an option"),
        ("click @ https://index.example/click.whl", "there is an address or an option"),
    ],
)
def test_what_a_lock_must_not_have_would_be_found(line, found):
    assert list(lock_faults(f"rich==15.0.0 \\\n    --hash=sha256:00\n{line}\n")) == [found]


def lock_faults(text: str) -> Iterator[str]:
    """Yield requirements without a version or a hash, and options that name a package source."""
    for entry in text.replace("\\\n", " ").splitlines():
        requirement, *hashes = entry.split(" --hash=")
        name = requirement.partition(";")[0].strip()
        if "://" in entry or entry.startswith("-"):
            yield "there is an address or an option"
        elif "==" not in name:
            yield f"{name} is no single version"
        elif not hashes:
            yield f"{name} has no hash"
