"""The shape of the code: parts, layers, imports, names, tables, SQL as text, settings, reasons.

Each check is a function that returns all faults, and is tried on a bad sample. The checks that `make check` also runs
are in tests/architecture.py.
"""

import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from configparser import ConfigParser
from dataclasses import fields
from pathlib import Path

import pytest
from sqlalchemy import Column, MetaData, Table

from deploy.installation import ROOT, histories, service_named
from deploy.service_names import NAMES
from shared.runtime.declarations import Service
from shared.settings import PREFIX, Settings
from tests import architecture
from tests.architecture import LAYERS, Module, modules, place_of

INSIDE = {
    # Archives and XML in memory: building blocks that the formats of two parts share.
    *("copy", "html", "io", "posixpath", "struct", "xml", "zipfile", "zlib"),
    # The time zone database: rules of days, as constant as holidays.
    "zoneinfo",
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
"""Standard library modules that a domain may import: none uses the machine, the clock, the network or randomness."""

BUILTINS = {"open", "input", "print", "__import__"}
CLOCKS = {"now", "today", "utcnow"}
"""Builtins that reach outside, and methods that read the clock: both need no import of their own."""

SPEAKS_SQL = ("shared/database/", "shared/bus/grants.py")
"""The places where SQL is written as text: opening and migrating the database, and its grants."""

SQL = re.compile(
    r"\s*(SELECT|INSERT INTO|UPDATE \S+ SET|DELETE FROM|WITH \w+ AS|CREATE|ALTER|DROP|TRUNCATE|GRANT|REVOKE|VACUUM|"
    r"PRAGMA|COPY|LOCK|NOTIFY|LISTEN|BEGIN|SET) \S"
)


CODE = modules(ROOT, "shared", "services", "deploy")
DOMAINS = [
    module
    for module in CODE
    if (module.place and module.place.layer == "domain") or module.path.startswith("shared/reference/")
]


# --- Parts and layers -------------------------------------------------------------------------------------------------


def test_the_code_has_no_fault():
    assert architecture.faults_of() == []


def test_each_folder_of_services_is_a_service():
    folders = {path.name for path in (ROOT / "services").iterdir() if path.is_dir()}
    assert folders - {"__pycache__"} == set(NAMES)
    assert [
        name for name in NAMES if not list((ROOT / "services" / name / "migrations").glob("0001_*.py"))
    ] == []


def test_a_misplaced_file_is_found(tmp_path):
    for place in (
        "app.py",
        "__init__.py",
        "migrations/0001_first.py",
        "windows/api.py",
        "windows/templates/window.html.j2",
        "windows/store/tables.py",
        "windows/utils.py",
        "windows/notes/a.py",
        "notes.py",
        "texts/a.yaml",
        "moved/store/__pycache__/tables.cpython-311.pyc",
    ):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).touch()
    assert architecture.misplaced(tmp_path) == [
        "notes.py belongs to no part",
        "texts is no part: it has no layer",
        "windows/notes is no layer",
        "windows/utils is no layer",
    ]


def test_a_package_that_holds_more_than_its_docstring_is_found():
    source = '"""Windows."""\n\nfrom services.entry.windows.domain import Window\n\n__all__ = ["Window"]\n'
    path = "services/entry/windows/operations/__init__.py"
    assert architecture.talkative(Module(path, source)) == [
        f"{path}:3: a package holds its docstring only",
        f"{path}:5: a package holds its docstring only",
    ]
    assert architecture.talkative(Module("services/entry/windows/api/__init__.py", source)) == []
    assert architecture.talkative(Module("services/entry/windows/operations.py", source)) == []


def faults_in(**sources: str) -> list[str]:
    """Return the forbidden imports of modules named by part and layer; all other modules exist and are empty."""
    given = {f"services/entry/{name.replace('__', '/')}.py": source for name, source in sources.items()}
    there = {f"services/entry/{part}/{layer}.py": "" for part in ("audit", "windows") for layer in LAYERS}
    return architecture.forbidden_imports(Module(path, source) for path, source in (there | given).items())


@pytest.mark.parametrize(
    ("module", "source", "fault"),
    [
        ("windows__api", "from services.entry.windows import store", "the edge api sees a store"),
        ("windows__tasks", "import services.entry.windows.store", "the edge tasks sees a store"),
        ("windows__pages", "def f():\n    from .store import windows", "the edge pages sees a store"),
        (
            "windows__api",
            "if TYPE_CHECKING:\n    from services.entry.audit import store",
            "the edge api sees a store",
        ),
        (
            "windows__operations",
            "from services.entry.audit import store",
            "windows bypasses the operations of audit",
        ),
        (
            "windows__formats",
            "from services.entry.audit.formats import a",
            "windows bypasses the operations of audit",
        ),
        ("windows__store", "from ..audit import operations", "store calls the operations of audit"),
        ("windows__store", "from services.entry.windows import operations", "store sees operations"),
        ("windows__formats", "from services.entry.windows import store", "formats sees store"),
        ("windows__domain", "from services.entry.windows.formats import a", "domain sees formats"),
        ("windows__api", "from services.notify.calendar import operations", "another service is imported"),
    ],
)
def test_a_forbidden_import_is_found(module, source, fault):
    (found,) = faults_in(**{module: source})
    assert re.fullmatch(rf"services/entry/windows/\w+\.py:\d: {fault} \(.+\)", found)


def test_what_a_part_may_import_is_no_fault():
    assert (
        faults_in(
            windows__api="from services.entry.audit import operations as audit",
            windows__operations="from services.entry.windows import domain, store",
            windows__store="from services.entry.audit.domain import Entry",
        )
        == []
    )


def test_parts_that_use_each_other_are_found():
    assert faults_in(
        windows__operations="from services.entry.audit import operations",
        audit__operations="from services.entry.windows import operations",
    ) == ["services/entry: audit, windows use each other"]


# --- Names and texts of modules ---------------------------------------------------------------------------------------


def test_a_module_that_is_named_after_nothing_is_found():
    paths = ["shared/utils.py", "services/entry/common/dates.py", "shared/commons.py"]
    assert architecture.meaningless(paths) == paths[:2]


def test_a_module_that_should_be_a_package_is_found():
    module = Module("services/entry/windows/api.py", "a = 1\n" * 313)
    assert architecture.too_long([module]) == ["services/entry/windows/api.py has 313 lines"]


def test_a_retired_name_is_found():
    source = """
        from shared.bus.store import bury  # bury
        SAID = "bury"
        def note_start(a, tell_b): a.risen = _sight
        def keynote(): notes.tell_all()
        """
    module = Module("services/entry/fates/api.py", "\n".join(map(str.strip, source.splitlines())))
    assert [fault.partition("api.py")[2] for fault in architecture.retired_names(module)] == [
        ":0: fates is retired: verdicts",
        ":2: bury is retired: dead_letter or add_tombstone",
        ":4: note_start is retired: record_, apply_ or update_",
        ":4: risen is retired: reinstated",
        ":4: _sight is retired: row_security",
    ]


def test_a_module_without_a_docstring_is_found():
    assert architecture.undocumented(Module("shared/ids.py", "import os")) == [
        "shared/ids.py has no docstring"
    ]


def test_a_docstring_that_does_not_stand_alone_is_found():
    source = '"""The same of ids."""\ndef f():\n    """What is told."""\n    return "What "\nA = 1\n"""Whatever."""\n'
    assert architecture.leaning_docstrings(Module("a.py", source)) == [
        'a.py:1: a docstring begins with "The same"',
        'a.py:3: a docstring begins with "What"',
    ]


# --- Services look alike ----------------------------------------------------------------------------------------------


def misdeclared(service: Service) -> list[str]:
    """Return the objects that a service declares outside the layer where they belong."""

    def layer_of(thing: object) -> str:
        place = place_of(thing.__module__)
        return place.layer if place and place.service == service.name else thing.__module__

    views = [(route.view, {"api", "pages"}) for route in service.routes]
    shapes = [
        (shape, {"schemas"})
        for route in service.routes
        for shape in (route.query, route.request_schema, route.response_schema)
        if shape and not shape.__module__.startswith("shared.")
    ]
    tasks = [(handler.handle, {"tasks"}) for handler in service.handlers]
    tasks += [(tick.run, {"tasks"}) for tick in service.ticks]
    problems = [
        (error, {"domain", "operations", "store", "formats"})
        for error in service.problems
        if not error.__module__.startswith("shared.")
    ]
    return [
        f"{thing.__name__} is in {layer}"
        for thing, places in (*views, *shapes, *tasks, *problems)
        if (layer := layer_of(thing)) not in places
    ]


@pytest.mark.parametrize("name", NAMES)
def test_services_look_alike(name):
    service = service_named(name)
    assert service.name == name
    assert misdeclared(service) == []


def test_what_is_not_in_its_layer_is_found():
    entry = service_named("entry")
    (listing,) = (route for route in entry.routes if (route.method, route.path) == ("GET", "/submissions"))
    names = (listing.view, listing.query, listing.response_schema)
    assert misdeclared(Service("moved", routes=(listing,))) == [
        f"{each.__name__} is in {each.__module__}" for each in names
    ]


def test_the_contract_on_imports_has_the_same_layers():
    contracts = ConfigParser()
    contracts.read(ROOT / ".importlinter")
    named = [set(re.findall(r"\w+", contracts[each].get("layers", ""))) for each in contracts.sections()]
    assert set(LAYERS) in [each - {"app"} for each in named]


# --- Tables -----------------------------------------------------------------------------------------------------------


def ownerless(metadatas: Iterable[MetaData]) -> list[str]:
    """Return tables with two owners, or in another owner's schema. SQLite has one namespace for all tables."""
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
    """Return SQL statements written as text. Statements composed with SQLAlchemy are not included."""
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
        module.path: texts
        for module in CODE
        if not module.path.startswith(SPEAKS_SQL) and (texts := sql_texts(module.source))
    }
    assert found == {}
    bad = '"""SELECT is a word here."""\ntx.execute(text(f"SELECT * FROM {table}"))\nc.exec_driver_sql(statement)\n'
    assert sql_texts(bad) == ["SELECT * FROM ", "exec_driver_sql"]


# --- Domains ----------------------------------------------------------------------------------------------------------


def reaching_outside(source: str) -> list[str]:
    """Return a domain module's uses of the machine, the clock, the network or random numbers."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if _is_outside(alias.name)]
        elif isinstance(node, ast.ImportFrom) and _is_outside(node.module or ""):
            found.append(node.module or "")
        elif isinstance(node, ast.Call) and (name := _called(node.func)):
            found.append(f"{name}()")
    return found


def _is_outside(module: str) -> bool:
    top = module.partition(".")[0]
    return top in sys.stdlib_module_names and top not in INSIDE


def _called(function: ast.expr) -> str | None:
    """Return the name of a called builtin, or of a method that reads the clock."""
    if isinstance(function, ast.Name) and function.id in BUILTINS:
        return function.id
    return function.attr if isinstance(function, ast.Attribute) and function.attr in CLOCKS else None


def test_a_domain_reaches_for_nothing_outside():
    assert {module.path: found for module in DOMAINS if (found := reaching_outside(module.source))} == {}


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
    """Return the class's fields that have no docstring."""
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
"""The environment variables of the settings."""


def unknown_settings(text: str) -> set[str]:
    """Return the variables that a text names as settings but that do not exist."""
    return set(re.findall(rf"\b{PREFIX}[A-Z][A-Z_]*[A-Z]", text)) - VARIABLES


KNOWN_VARIABLES = {f"{PREFIX}{field.name.upper()}" for field in fields(Settings)} | {
    "IISGD_TEST_POSTGRESQL_URL"
}


# --- Texts ------------------------------------------------------------------------------------------------------------


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def project_files() -> list[Path]:
    """Return the files of the project, as listed by Git."""
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
    """Yield every line of every text, with its location."""
    for path in paths:
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            yield f"{named(path)}:{number}", line


def pasted(line: str) -> bool:
    """Return whether a line was left by a merge or a tool, or names a path of one machine."""
    return any(re.search(pattern, line) for pattern in LEFT_BEHIND)


LEFT_BEHIND: Sequence[str] = (
    r"^(<{7}|>{7}|={7})( |$)",  # a merge
    r"(?<![\w.:}])/(root|Users|work|workspace)/",  # a machine
    r"(?<![\w.:}])/home/[a-z]",
    r"\boai_?cite\b|:contentReference\[|\[cite(_start)?[:\]]|turn\d+(search|view)\d+",  # citation markers
    "[\ue000-\uf8ff]",  # private-use characters
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
    """Return whether a lint rule is disabled without a reason."""
    return bool(re.search(r"# noqa(?!: [A-Z]+[0-9]+(, [A-Z]+[0-9]+)* +(- |# ?)\S)", line))


def test_a_lint_rule_is_put_aside_only_with_a_reason():
    mine = named(Path(__file__))
    texts = lines_of(path for path in project_files() if path.suffix == ".py" and named(path) != mine)
    assert [where for where, line in texts if unreasoned(line)] == []
    assert unreasoned("import os  # noqa")
    assert unreasoned("import os  # noqa: F401")
    assert not unreasoned("import os  # noqa: F401, E402 - it is looked at")
