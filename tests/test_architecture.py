"""The architecture where no import shows it: rooms, tables, SQL as text, what reaches outside, settings, reasons.

Each check is a function that gives what is wrong, and is shown a bad sample to find.
"""

import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from configparser import ConfigParser
from dataclasses import fields
from importlib import import_module
from pathlib import Path

import pytest
from sqlalchemy import Column, MetaData, Table

from deploy.installation import NAMES, ROOT, histories, service_named
from shared.runtime.declarations import Service
from shared.settings import PREFIX, Settings

ROOMS = {"app", "api", "pages", "tasks", "schemas", "operations", "store", "formats", "gateway", "domain"}
DATA = {"rulesets", "templates", "locale", "static", "migrations"}
"""Folders that may stand beside a service's rooms."""

NOBODYS = {
    "util",
    "utils",
    "helper",
    "helpers",
    "common",
    "misc",
    "base",
    "core",
    "lib",
    "manager",
    "managers",
}
"""Names that say nothing of what is inside."""

LONGEST_MODULE = 250 * 1.25
"""A room is about to become a package at 250 lines; here it has to."""

INSIDE = {
    *(
        "__future__",
        "abc",
        "ast",
        "bisect",
        "calendar",
        "collections",
        "contextlib",
        "dataclasses",
        "datetime",
    ),
    *(
        "decimal",
        "difflib",
        "enum",
        "fractions",
        "functools",
        "hashlib",
        "heapq",
        "itertools",
        "json",
        "math",
    ),
    *("operator", "re", "statistics", "string", "textwrap", "types", "typing", "unicodedata"),
}
"""Of the standard library, what a domain may know: nothing that asks the machine, the clock, the network or chance."""

ASKING = {"open", "input", "print", "__import__", "now", "today", "utcnow"}
"""Calls that reach outside without an import of their own."""

SPEAKS_SQL = ("shared/database/", "shared/bus/grants.py")
"""Where SQL is written as text: what opens and migrates the database, and who may do what in it."""

SQL = re.compile(
    r"\s*(SELECT|INSERT INTO|UPDATE \S+ SET|DELETE FROM|WITH \w+ AS|CREATE|ALTER|DROP|TRUNCATE|GRANT|REVOKE|VACUUM|"
    r"PRAGMA|COPY|LOCK|NOTIFY|LISTEN|BEGIN|SET) \S"
)


def modules(*folders: str) -> list[Path]:
    """Every module under the folders, without what Alembic writes."""
    return sorted(
        path
        for folder in folders
        for path in (ROOT / folder).rglob("*.py")
        if path.parent.name != "migrations"
    )


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


CODE = modules("shared", "services", "deploy")
DOMAINS = [path for path in CODE if "/domain" in named(path) or "shared/reference/" in named(path)]


# --- Rooms ------------------------------------------------------------------------------------------------------------


def strange_rooms(service: Path) -> set[str]:
    """What stands in a service's folder and is neither a room nor data."""
    rooms = {path.name for path in service.iterdir() if path.name not in {"__init__.py", "__pycache__"}}
    return {name for name in rooms if name.removesuffix(".py") not in ROOMS and name not in DATA}


def test_a_service_has_the_known_rooms_and_no_other(tmp_path):
    folders = {
        path.name for path in (ROOT / "services").iterdir() if path.is_dir() and path.name != "__pycache__"
    }
    assert folders == set(NAMES)
    assert {name: strange_rooms(ROOT / "services" / name) for name in NAMES} == {
        name: set() for name in NAMES
    }
    for name in ("api.py", "domain", "models.py", "notes", "templates", "templates.py"):
        (tmp_path / name).mkdir()
    assert strange_rooms(tmp_path) == {"models.py", "notes", "templates.py"}


def test_the_contract_on_imports_has_the_same_rooms():
    contracts = ConfigParser()
    contracts.read(ROOT / ".importlinter")
    layers = contracts["importlinter:contract:rooms"]["layers"]
    assert set(re.findall(r"\w+", layers)) == ROOMS


def nobodys(paths: Iterable[str]) -> list[str]:
    """Modules and folders whose names say nothing."""
    return [path for path in paths if NOBODYS & {part.removesuffix(".py") for part in path.split("/")}]


def test_no_module_is_named_after_nothing():
    assert nobodys(named(path) for path in modules("shared", "services", "deploy", "tests")) == []
    assert nobodys(["shared/utils.py", "services/entry/common/dates.py", "shared/commons.py"]) == [
        "shared/utils.py",
        "services/entry/common/dates.py",
    ]


def test_a_room_that_grew_too_long_has_become_a_package():
    long = [
        f"{named(path)} has {lines} lines"
        for path in modules("services")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_MODULE
    ]
    assert long == []


@pytest.mark.parametrize("path", CODE, ids=named)
def test_a_module_says_in_its_first_lines_what_lives_there(path):
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


# --- Services look alike ----------------------------------------------------------------------------------------------


def strangers(service: Service) -> list[str]:
    """What a service declares and does not keep in the room where it is looked for."""
    rooms = {f"services.{service.name}.{room}": room for room in ROOMS}

    def room_of(thing: object) -> str:
        module = thing.__module__
        return next((name for start, name in rooms.items() if f"{module}.".startswith(f"{start}.")), module)

    views = [(route.view, {"api", "pages"}) for route in service.routes]
    shapes = [
        (shape, {"schemas", "shared.http.pages"})
        for route in service.routes
        for shape in (route.query, route.request_schema, route.response_schema)
        if shape
    ]
    tasks = [(handler.handle, {"tasks"}) for handler in service.handlers] + [
        (tick.run, {"tasks"}) for tick in service.ticks
    ]
    problems = [(error, {"domain", "operations", "store", "formats"}) for error in service.problems]
    return [
        f"{thing.__name__} is in {room}"
        for thing, places in (*views, *shapes, *tasks, *problems)
        if (room := room_of(thing)) not in places
    ]


@pytest.mark.parametrize("name", NAMES)
def test_services_look_alike(name):
    service = service_named(name)
    assert service.name == name
    assert strangers(service) == []
    assert list((ROOT / "services" / name / "migrations").glob("0001_*.py"))
    assert import_module(f"services.{name}.store").metadata.schema == name


def test_what_is_not_in_its_room_would_be_found():
    entry = service_named("entry")
    (listing,) = (route for route in entry.routes if (route.method, route.path) == ("GET", "/submissions"))
    assert strangers(Service("moved", routes=(listing,))) == [
        "list_submissions is in services.entry.api.showing",
        "SubmissionsQuery is in services.entry.schemas.submissions",
        "SubmissionsAnswer is in services.entry.schemas.answers",
    ]


# --- Tables -----------------------------------------------------------------------------------------------------------


def ownerless(metadatas: Iterable[MetaData]) -> list[str]:
    """Tables whose name another owner has too, or that lie in another's schema. SQLite has one room for all names."""
    tables = [(metadata, table) for metadata in metadatas for table in metadata.tables.values()]
    counted = Counter(table.name for _, table in tables)
    return sorted(
        {f"{name} has {owners} owners" for name, owners in counted.items() if owners > 1}
        | {
            f"{table.fullname} lies outside its schema"
            for meta, table in tables
            if table.schema != meta.schema
        }
    )


def test_a_table_has_one_name_and_one_owner():
    metadatas = [history.metadata for history in histories()]
    assert [metadata.schema for metadata in metadatas] == ["bus", *NAMES]
    assert ownerless(metadatas) == []
    entry, notify = MetaData(schema="entry"), MetaData(schema="notify")
    Table("windows", entry, Column("id"))
    Table("windows", notify, Column("id"))
    Table("mails", notify, Column("id"), schema="entry")
    assert ownerless([entry, notify]) == ["entry.mails lies outside its schema", "windows has 2 owners"]


def sql_texts(source: str) -> list[str]:
    """SQL statements written as text; a statement that Python composes has no words of its own to get wrong."""
    tree = ast.parse(source)
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said
    ]
    driven = [
        node.func.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "exec_driver_sql"
    ]
    return [text for text in texts if SQL.match(text)] + driven


def test_sql_is_written_as_text_only_where_the_database_is_opened_and_migrated():
    found = {
        named(path): texts
        for path in CODE
        if not named(path).startswith(SPEAKS_SQL) and (texts := sql_texts(path.read_text(encoding="utf-8")))
    }
    assert found == {}
    bad = '"""SELECT is a word here."""\ntx.execute(text(f"SELECT * FROM {table}"))\nc.exec_driver_sql(statement)\n'
    assert sql_texts(bad) == ["SELECT * FROM ", "exec_driver_sql"]


# --- Domains ----------------------------------------------------------------------------------------------------------


def reaching_outside(source: str) -> list[str]:
    """What in a domain's module asks the machine, the clock, the network or chance."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if _is_outside(alias.name)]
        elif isinstance(node, ast.ImportFrom) and _is_outside(node.module or ""):
            found.append(node.module or "")
        elif isinstance(node, ast.Call) and (name := _called(node.func)) in ASKING:
            found.append(f"{name}()")
    return found


def _is_outside(module: str) -> bool:
    top = module.partition(".")[0]
    return top in sys.stdlib_module_names and top not in INSIDE


def _called(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


@pytest.mark.parametrize("path", DOMAINS, ids=named)
def test_a_domain_reaches_for_nothing_outside(path):
    assert reaching_outside(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import os", ["os"]),
        ("import json, time", ["time"]),
        ("from urllib.request import urlopen", ["urllib.request"]),
        ("from pathlib import Path", ["pathlib"]),
        ("def draw():\n    import random", ["random"]),
        ("datetime.now(UTC)", ["now()"]),
        ("datetime.date.today()", ["today()"]),
        ("open('rates.csv').read()", ["open()"]),
        ("import re\nfrom datetime import date", []),
    ],
)
def test_what_reaches_outside_would_be_found(source, found):
    assert reaching_outside(source) == found


# --- Settings ---------------------------------------------------------------------------------------------------------


def without_reason(source: str, cls: str) -> list[str]:
    """The class's fields that no docstring follows."""
    (body,) = (
        node.body for node in ast.parse(source).body if isinstance(node, ast.ClassDef) and node.name == cls
    )
    return [
        field.target.id
        for field, follows in zip(body, [*body[1:], None], strict=True)
        if isinstance(field, ast.AnnAssign) and not _is_docstring(follows)
    ]


def _is_docstring(node: ast.stmt | None) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and bool(node.value.value)


def test_every_setting_gives_its_reason():
    assert without_reason((ROOT / "shared" / "settings.py").read_text(encoding="utf-8"), "Settings") == []
    bad = 'class Settings:\n    """All."""\n\n    window: int = 1\n    """Why."""\n    poll: int = 2\n    pool: int = 3\n'
    assert without_reason(bad, "Settings") == ["poll", "pool"]


VARIABLES = {f"{PREFIX}{field.name.upper()}" for field in fields(Settings)}
"""What the settings are called in the environment."""


def unknown_settings(text: str) -> set[str]:
    """Variables that a text names as settings and that are none."""
    return set(re.findall(rf"\b{PREFIX}[A-Z][A-Z_]*[A-Z]", text)) - VARIABLES


KNOWN_VARIABLES = {f"{PREFIX}{field.name.upper()}" for field in fields(Settings)} | {
    "IISGD_TEST_POSTGRESQL_URL"
}


# --- Texts ------------------------------------------------------------------------------------------------------------


def project_files() -> list[Path]:
    """What belongs to the project, as Git knows it."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is a copy without its history: nobody can tell what belongs to it")
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [path for line in listed.stdout.splitlines() if (path := ROOT / line).is_file()]


def lines_of(paths: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """Every line of every text, and where it is."""
    for path in paths:
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            yield f"{named(path)}:{number}", line


def pasted(line: str) -> bool:
    """Whether a line was left by a merge or a tool, or names a place of one machine only."""
    return any(re.search(pattern, line) for pattern in LEFT_BEHIND)


LEFT_BEHIND: Sequence[str] = (
    r"^(<{7}|>{7}|={7})( |$)",  # a merge
    r"(?<![\w.:}])/(root|Users|work|workspace)/",  # a machine
    r"(?<![\w.:}])/home/[a-z]",
    r"\boai_?cite\b|:contentReference\[|\[cite(_start)?[:\]]|turn\d+(search|view)\d+",  # an answer's references
    "[\ue000-\uf8ff]",  # letters that are nobody's
)


def test_no_text_holds_what_was_left_behind():
    mine = named(Path(__file__))
    texts = lines_of(path for path in project_files() if named(path) != mine)
    assert [f"{where}: {line.strip()[:80]}" for where, line in texts if pasted(line)] == []


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("<<<<<<< HEAD", True),
        ("=======", True),
        ("see /root/project/notes", True),
        ("cd /home/ann/iisgd", True),
        ("as said before :contentReference[oaicite:1]", True),
        ("========= a headline", False),
        ("GET /reporting/v1/gaps", False),
        ("http://127.0.0.1/home/page", False),
    ],
)
def test_what_was_left_behind_would_be_found(line, found):
    assert pasted(line) == found


def test_every_setting_that_is_named_somewhere_exists():
    texts = lines_of(path for path in project_files() if not named(path).startswith("tests/"))
    assert [f"{where}: {unknown}" for where, line in texts if (unknown := unknown_settings(line))] == []
    assert unknown_settings("set IISGD_HOME and IISGD_HOUSE; see IISGD_...") == {"IISGD_HOUSE"}


def unreasoned(line: str) -> bool:
    """Whether a lint rule is put aside without a word."""
    return bool(re.search(r"# noqa(?!: [A-Z]+[0-9]+(, [A-Z]+[0-9]+)* +(- |# ?)\S)", line))


def test_a_lint_rule_is_put_aside_only_with_a_reason():
    mine = named(Path(__file__))
    texts = lines_of(path for path in project_files() if path.suffix == ".py" and named(path) != mine)
    assert [where for where, line in texts if unreasoned(line)] == []
    assert unreasoned("import os  # noqa")
    assert unreasoned("import os  # noqa: F401")
    assert not unreasoned("import os  # noqa: F401, E402 - it is looked at")
