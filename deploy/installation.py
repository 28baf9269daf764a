"""What an installation consists of: the four services, their tables' histories and their roles."""

from importlib import import_module
from pathlib import Path

import shared.bus
import shared.http.idempotency  # the bus's metadata holds its table too
from shared.bus.grants import OPERATOR_ROLES, grants
from shared.database import metadata_of
from shared.database.migrations import History, grants_to_owner
from shared.runtime.declarations import Service

NAMES = ("entry", "validation", "reporting", "notify")
ROLES = (*NAMES, *OPERATOR_ROLES)

ROOT = Path(__file__).resolve().parent.parent

__all__ = ["NAMES", "ROLES", "ROOT", "histories", "history_of", "service_named", "services"]


def service_named(name: str) -> Service:
    """The declaration of one service."""
    service: Service = import_module(f"services.{name}.app").SERVICE
    return service


def services() -> list[Service]:
    """All four declarations."""
    return [service_named(name) for name in NAMES]


def history_of(name: str) -> History:
    """The tables' history of a service, or of the bus."""
    if name == "bus":
        return History("bus", shared.bus.metadata, ROOT / "shared" / "bus" / "migrations", grants(NAMES))
    import_module(f"services.{name}.app")  # so that each part's store has added its tables
    metadata = metadata_of(name)
    return History(name, metadata, ROOT / "services" / name / "migrations", grants_to_owner(name, metadata))


def histories() -> list[History]:
    """All histories, the bus's first."""
    return [history_of(name) for name in ("bus", *NAMES)]
