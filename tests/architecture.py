"""The shape of the code, read from its source: parts, layers, imports, names, docstrings.

Run as a program, it lists all faults: `python -m tests.architecture [ROOT]`.
"""

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

EDGES = ("api", "pages", "tasks")
LAYERS = {
    **dict.fromkeys(EDGES, 4),
    **dict.fromkeys(("schemas", "operations"), 3),
    **dict.fromkeys(("store", "formats", "gateway"), 2),
    "domain": 1,
}
"""A layer may import layers with lower numbers."""

DATA = {"rulesets", "templates", "locale", "static"}
"""Data folders that may lie beside a part's layers."""

SEES_OPERATIONS = {*EDGES, "operations"}
"""The layers that may call another part's operations. All layers may use another part's domain."""

MAX_LINES = 250 * 1.25
"""The maximum length of a layer in one module; a layer becomes a package at about 250 lines."""

NOW = re.compile(r"\b(now|received_at|judged_at)(\(\))?$")
"""The ends of expressions that name a moment in UTC."""

MEANINGLESS = {
    *("util", "utils", "helper", "helpers", "common", "misc"),
    *("base", "core", "lib", "manager", "managers"),
}
"""Module names that do not say what a module holds."""

OPENINGS = re.compile(r"(The same|What |All of it|How many|Who |Whoever |That which |As asked)")
"""Forbidden beginnings of docstrings, which must stand alone and name their subject."""

RETIRED = {
    # shared
    "bury": "dead_letter or add_tombstone",
    "sing": "record_heartbeat",
    "songs": "heartbeats",
    "last_songs": "heartbeats",
    "Handling": "DeliveryHandler",
    "OVERSEERS": "OPERATOR_ROLES",
    "sight": "row_security",
    "Sight": "RowPolicy or Visibility",
    "sight_of": "policy_of",
    "sees": "visible_to",
    "or_nobodys": "or_unowned",
    "seen_by_reporter": "owned_by_reporter",
    "seen_with": "inherits_policy",
    "seen_by_all": "unrestricted",
    "DatabaseIsAway": "DatabaseIsUnavailable",
    "Moment": "UtcDateTime",
    "Opening": "LazyConnection",
    "Incoming": "Upload",
    "clear_incoming": "delete_stale_uploads",
    "Once": "IdempotentRequest",
    "keeps_nothing": "stores_nothing",
    "take_body": "read_body",
    "take_file": "store_upload",
    "BodyIsCut": "BodyIsTruncated",
    "RoleMayNot": "RoleIsForbidden",
    "KeySigns": "KeyIsInUse",
    "KeysAreAway": "IssuerIsUnavailable",
    "only_given": "drop_missing",
    "marking_in": "find_marking",
    "ShapeIsBroken": "SchemaIsInvalid",
    "for_cell": "cell_text",
    "start_anew": "reset",
    # entry
    "carrying": "carry_over",
    "give_token": "issue_token",
    "tell_refusal": "oauth_error",
    "tell_webhooks": "send_webhooks",
    "make_messages": "enqueue_messages",
    "mistakes": "error_messages",
    "mistakes_in": "validate",
    "FormerNeed": "PreviousNeed",
    "EndedAlready": "IsRevoked",
    "EnoughAreLive": "TooManyAreLive",
    "ActingMayNot": "DelegateIsForbidden",
    "HandedFile": "UploadedFile",
    "check_right": "check_permission",
    "check_standing": "check_correctable",
    "standing": "outcomes, is_current or status",
    "standing_in": "list_active",
    "standings": "submission_status",
    "ContentIsThere": "ContentIsDuplicate",
    "RecordsStand": "RecordsExist",
    "HandedInTwice": "SubmittedConcurrently",
    "NothingBody": "EmptyBody",
    "free_webhook": "release_webhook",
    "Oddities": "UnusualCells",
    "splicing": "xml_edits",
    "for_paper": "set_print_layout",
    "handing_in": "submitting",
    "Handed": "SubmitCommand or TrialCommand",
    "letting_in": "token_requests",
    "let_in": "authorise",
    "TokenIsNotGiven": "TokenIsDenied",
    "sign_nothing": "sign_nil_return",
    "noting": "status or calendar",
    "telling": "announcements",
    "delegating": "delegations",
    "fates": "verdicts",
    # validation
    "slips": "expression_errors",
    "fares": "rule_statistics",
    "Fare": "RuleStatistics",
    "likes": "similar_support",
    "likes_of": "find_similar",
    "excusing": "exemptions",
    "retold": "reworded",
    "Sound": "CheckedRecord",
    "Told": "listed",
    # reporting
    "holds_over": "supersedes",
    "Holding": "Contribution",
    "succession": "precedence",
    "risen": "reinstated",
    "fallen": "retired",
    "outdone": "superseded",
    "lay_out": "stage",
    "hold_instead": "replace",
    "fulfil": "assess",
    "Fulfilment": "ObligationStatus",
    # notify
    "Letter": "Message",
    "note_standing": "record_status",
    "FateIsUnknown": "DeliveryIsUncertain",
    "RefusedForNow": "RejectedTemporarily",
    "RefusedForGood": "RejectedPermanently",
    "untold_moves": "unsent_moves",
    "take_silent_mails": "mark_abandoned",
    # deploy
    "homes": "instance_lock",
    "HomeIsTaken": "InstanceIsLocked",
    "signs": "liveness",
    "raising_when_told": "raising_on_signals",
    "settings_here": "current_settings",
    "how_many": "pluralise",
    "EveryTable": "OwnerDatabase",
    "NothingCame": "DemoTimedOut",
    "take_step": "run_step",
    # tests
    "belongings": "tenant_fixtures",
    "strangers": "tenant_isolation",
    "nobodys": "nonexistent",
    "describing": "openapi_fuzzing",
    "overtaking": "event_order",
    "what_comes_back": "submission_feedback",
    "blows": "faults",
    # layers
    "room": "layer",
    "rooms": "layers",
}
"""Retired names, with their replacements."""

RETIRED_VERBS = {"note_": "record_, apply_ or update_", "tell_": "announce_ or send_", "forget_": "delete_"}
"""Retired beginnings of function names, with their replacements."""


@dataclass(frozen=True)
class Module:
    """A module: its path, its source and its syntax tree."""

    path: str
    """The path from the root, with slashes."""
    source: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source)

    @property
    def name(self) -> str:
        """The dotted name."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def is_package(self) -> bool:
        return self.path.endswith("/__init__.py")

    @cached_property
    def place(self) -> "Place | None":
        return place_of(self.name)


@dataclass(frozen=True)
class Place:
    """The part of a service and the layer that a module belongs to."""

    service: str
    part: str
    layer: str


def place_of(name: str) -> Place | None:
    """Return the part and layer of a service's module; None for modules outside parts (app and migrations)."""
    root, service, part, layer, *_ = [*name.split("."), "", "", "", ""]
    if root != "services" or not part or part in ("app", "migrations"):
        return None
    return Place(service, part, layer)


def modules(root: Path, *folders: str) -> list[Module]:
    """Return every module under the folders except migrations, which Alembic writes."""
    return [
        Module(path.relative_to(root).as_posix(), path.read_text(encoding="utf-8"))
        for folder in folders
        for path in sorted((root / folder).rglob("*.py"))
        if path.parent.name != "migrations"
    ]


# --- Parts and layers -------------------------------------------------------------------------------------------------


def misplaced(service: Path) -> list[str]:
    """Return the entries of a service's folder that are neither app, migrations, a part nor a part's layer."""
    found = []
    for entry in _entries(service):
        if entry.name in ("app.py", "migrations"):
            continue
        if not entry.is_dir():
            found.append(f"{entry.name} belongs to no part")
            continue
        layers = {
            each.name.removesuffix(".py") for each in _entries(entry) if each.is_dir() or each.suffix == ".py"
        }
        found += [f"{entry.name}/{each} is no layer" for each in sorted(layers - LAYERS.keys() - DATA)]
        if not layers & LAYERS.keys():
            found.append(f"{entry.name} is no part: it has no layer")
    return found


def _entries(folder: Path) -> list[Path]:
    """Return a folder's entries except `__init__.py` and files that Python leaves behind."""
    return sorted(
        each
        for each in folder.iterdir()
        if each.name not in ("__init__.py", "__pycache__") and not (each.is_dir() and _is_left_behind(each))
    )


def _is_left_behind(folder: Path) -> bool:
    return all(each.suffix == ".pyc" or each.is_dir() for each in folder.rglob("*"))


def talkative(module: Module) -> list[str]:
    """Return the statements in a part's packages other than docstrings; `api` may hold the part's tables."""
    place = module.place
    if place is None or not module.is_package or place.layer == "api":
        return []
    return [
        f"{module.path}:{node.lineno}: a package holds its docstring only"
        for node in module.tree.body
        if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    ]


# --- Imports ----------------------------------------------------------------------------------------------------------


def imports(module: Module, known: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Yield the line and dotted name of each imported module, including conditional imports."""
    names = set(known)
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = _absolute(module, node)
            for alias in node.names:
                full = f"{start}.{alias.name}"
                yield node.lineno, full if full in names else start


def _absolute(module: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    up = node.level - module.is_package
    start = module.name.split(".")[: -up or None]
    return ".".join([*start, *([node.module] if node.module else [])])


def forbidden_imports(found: Iterable[Module]) -> list[str]:
    """Return the imports that break the layer or part rules, and the cycles between parts."""
    found = list(found)
    known = {module.name for module in found}
    uses: dict[tuple[str, str], set[str]] = {}
    faults = []
    for module in found:
        if (own := module.place) is None:
            continue
        for line, name in imports(module, known):
            other = place_of(name)
            if other is None:
                continue
            if fault := _forbidden(own, other):
                faults.append(f"{module.path}:{line}: {fault} ({name})")
            if (own.service, own.part) != (other.service, other.part):
                uses.setdefault((own.service, own.part), set()).add(other.part)
    return faults + _circles(uses)


def _forbidden(own: Place, other: Place) -> str | None:
    if own.service != other.service:
        return "another service is imported"
    if own.layer in EDGES and other.layer == "store":
        return f"the edge {own.layer} sees a store"
    return _between_layers(own, other) if own.part == other.part else _between_parts(own, other)


def _between_layers(own: Place, other: Place) -> str | None:
    mine, theirs = LAYERS.get(own.layer), LAYERS.get(other.layer)
    is_above = mine and theirs and own.layer != other.layer and theirs >= mine
    return f"{own.layer} sees {other.layer}" if is_above else None


def _between_parts(own: Place, other: Place) -> str | None:
    if other.layer not in ("operations", "domain"):
        return f"{own.part} bypasses the operations of {other.part}"
    if other.layer == "operations" and own.layer not in SEES_OPERATIONS:
        return f"{own.layer} calls the operations of {other.part}"
    return None


def _circles(uses: dict[tuple[str, str], set[str]]) -> list[str]:
    def reachable(service: str, part: str, seen: set[str]) -> set[str]:
        for each in uses.get((service, part), ()):
            if each not in seen:
                seen.add(each)
                reachable(service, each, seen)
        return seen

    circles = {
        (
            service,
            *sorted(each for each in uses[service, part] | {part} if part in reachable(service, each, set())),
        )
        for service, part in uses
        if part in reachable(service, part, set())
    }
    return [f"services/{service}: {', '.join(parts)} use each other" for service, *parts in sorted(circles)]


# --- Names and texts --------------------------------------------------------------------------------------------------


def meaningless(paths: Iterable[str]) -> list[str]:
    """Return the paths of modules and folders whose names do not describe their content."""
    return [path for path in paths if MEANINGLESS & {part.removesuffix(".py") for part in path.split("/")}]


def too_long(found: Iterable[Module]) -> list[str]:
    """Return the modules that should be packages."""
    return [
        f"{module.path} has {lines} lines"
        for module in found
        if (lines := len(module.source.splitlines())) > MAX_LINES
    ]


def retired_names(module: Module) -> list[str]:
    """Return the retired names that a module uses or defines; strings and comments are ignored."""
    found = [(0, part) for part in module.path.removesuffix(".py").split("/") if part in RETIRED]
    before = ""
    for token in tokenize.generate_tokens(io.StringIO(module.source).readline):
        if token.type == tokenize.NAME:
            if token.string.removeprefix("_") in RETIRED or (before == "def" and _retired_verb(token.string)):
                found.append((token.start[0], token.string))
            before = token.string
    return [
        f"{module.path}:{line}: {name} is retired: {RETIRED.get(name.removeprefix('_')) or _retired_verb(name)}"
        for line, name in dict.fromkeys(found)
    ]


def _retired_verb(name: str) -> str | None:
    return next((new for old, new in RETIRED_VERBS.items() if name.removeprefix("_").startswith(old)), None)


def undocumented(module: Module) -> list[str]:
    """Return the module if it has no docstring."""
    return [] if ast.get_docstring(module.tree) else [f"{module.path} has no docstring"]


def leaning_docstrings(module: Module) -> list[str]:
    """Return the docstrings that do not stand alone: they begin with "What", "The same" and the like."""
    said = [node.value for node in ast.walk(module.tree) if isinstance(node, ast.Expr)]
    return [
        f'{module.path}:{node.lineno}: a docstring begins with "{found[0].strip()}"'
        for node in said
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and (found := OPENINGS.match(node.value))
    ]


def utc_days(module: Module) -> list[str]:
    """Return the places that take the day of the current time, which is UTC's: a day is one in a reporter's time zone."""
    return [
        f"{module.path}:{node.lineno}: the day is UTC's; use shared.reference.days"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "date"
        and NOW.search(ast.unparse(node.func.value))
    ]


# --- All faults -------------------------------------------------------------------------------------------------------


def faults_of(root: Path = ROOT) -> list[str]:
    """Return all faults of a checkout."""
    services = modules(root, "services")
    product = [*modules(root, "shared"), *services, *modules(root, "deploy")]
    everything = [*product, *modules(root, "tests")]
    folders = [each for each in _entries(root / "services") if each.is_dir()]
    return [
        *(f"services/{folder.name}: {fault}" for folder in folders for fault in misplaced(folder)),
        *(fault for module in services for fault in talkative(module)),
        *forbidden_imports(services),
        *(f"{path} does not say what it holds" for path in meaningless(module.path for module in everything)),
        *too_long(services),
        *(fault for module in product for fault in undocumented(module)),
        *(fault for module in product for fault in leaning_docstrings(module)),
        *(fault for module in product for fault in utc_days(module)),
        *(
            fault
            for module in everything
            if module.path != "tests/architecture.py"
            for fault in retired_names(module)
        ),
    ]


if __name__ == "__main__":
    faults = faults_of(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT)
    print("\n".join(faults), file=sys.stderr)  # noqa: T201 - a command prints
    sys.exit(f"{len(faults)} faults in the architecture" if faults else 0)
