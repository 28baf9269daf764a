"""Dead code: product code that no product code uses. Run by `make check`: `python -m tests.dead_code [ROOT]`."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from vulture import Vulture

ROOT = Path(__file__).resolve().parent.parent

DECLARED = re.compile(r"([/_]schemas\b|shared/events/|/migrations/|shared/database/alembic/)")
"""Modules whose fields are read by name: by marshmallow, by event payloads, by Alembic."""

CALLED_FROM_OUTSIDE = [
    "@*.command",  # click
    "@*.group",
    "@*.listens_for",  # SQLAlchemy
    "@*.errorhandler",  # Flask
    "@*.before_request",
    "@*.after_request",
    "@*.get",
    "@*.route",
    "@validates*",  # marshmallow
    "@post_load*",
    "@pre_load*",
    "@writer.rewrites",  # Alembic
]
"""Decorators that pass a function to a library."""

USED_OTHERWISE = {
    # Methods and attributes that a library reads.
    "list_commands": "click",
    "get_command": "click",
    "format_commands": "click",
    "handle_DATA": "aiosmtpd",
    "exc_info": "logging",
    "check_endpoint_auth_method": "Authlib",
    "check_grant_type": "Authlib",
    "TOKEN_ENDPOINT_AUTH_METHODS": "Authlib",
    "create_oauth2_request": "Authlib",
    "handle_response": "Authlib",
    "handle_error_response": "Authlib",
    "save_token": "Authlib",
    "send_signal": "Authlib",
    "start_dir": "zipfile",
    "StartElementHandler": "expat",
    "EndElementHandler": "expat",
    "CharacterDataHandler": "expat",
    "StartDoctypeDeclHandler": "expat",
    "buffer_text": "expat",
    "readinto": "io.RawIOBase",
    "readable": "io.RawIOBase",
    "timeout": "httpcore calls with it",
    "globals": "Jinja",
    "ignore_aliases": "PyYAML",
    "impl": "SQLAlchemy",
    "cache_ok": "SQLAlchemy",
    "process_bind_param": "SQLAlchemy",
    "process_result_value": "SQLAlchemy",
    "isolation_level": "sqlite3",
    "collect": "prometheus_client",
    # Used by tests and development tools.
    "FixedClock": "the clock of tests",
    "write_migration": "make migration",
    "restarts": "drills and tests watch it",
    "keep_down": "drills and tests call it",
    # Values that are read by name.
    "BOARD": "an enum is read by value",
    "SUPPORT_GROUP": "an enum is read by value",
    "faulty_places": "a judgement's report",
    "look_alikes": "the code of rules",
    "begun_at": "a row as it is stored",
    "languages": "reference data, for readers of the code",
}
"""Names that no product code uses, each with its user."""


def dead(root: Path = ROOT) -> Iterator[str]:
    """Yield the dead code of a checkout, and the exceptions that are no longer needed."""
    finder = Vulture(ignore_decorators=CALLED_FROM_OUTSIDE)
    finder.scavenge([str(root / folder) for folder in ("services", "shared", "deploy")])
    unused = finder.get_unused_code(min_confidence=60)
    declared = {item.name for item in unused if DECLARED.search(str(item.filename))}
    needed = set()
    for item in unused:
        if item.name in declared:
            continue
        if item.name in USED_OTHERWISE:
            needed.add(item.name)
            continue
        yield f"{Path(item.filename).relative_to(root)}:{item.first_lineno}: {item.typ} {item.name!r} is not used"
    yield from (f"tests/dead_code.py: {name!r} is used" for name in sorted(USED_OTHERWISE.keys() - needed))


if __name__ == "__main__":
    found = list(dead(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT))
    print("\n".join(found), file=sys.stderr)  # noqa: T201 - a command prints
    sys.exit(f"{len(found)} faults: dead code" if found else 0)
