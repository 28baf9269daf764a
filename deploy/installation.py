"""The content of an installation: four services, their tables' histories and their roles."""

from pathlib import Path

import shared.bus
import shared.http.idempotency  # its table belongs to the bus's metadata
from deploy.imports import import_permanently
from deploy.service_names import NAMES
from shared.bus.grants import OPERATOR_ROLES, grants
from shared.database import metadata_of
from shared.database.migrations import History, grants_to_owner
from shared.runtime.declarations import Service

ROLES = (*NAMES, *OPERATOR_ROLES)

ROOT = Path(__file__).resolve().parent.parent


def service_named(name: str) -> Service:
    """Return the declaration of one service."""
    service: Service = import_permanently(f"services.{name}.app").SERVICE
    return service


def services() -> list[Service]:
    """Return all four declarations."""
    return [service_named(name) for name in NAMES]


def history_of(name: str) -> History:
    """Return the migration history of a service, or of the bus."""
    if name == "bus":
        return History("bus", shared.bus.metadata, ROOT / "shared" / "bus" / "migrations", grants(NAMES))
    import_permanently(f"services.{name}.app")  # each part's store adds its tables
    metadata = metadata_of(name)
    return History(name, metadata, ROOT / "services" / name / "migrations", grants_to_owner(name, metadata))


def histories() -> list[History]:
    """Return all histories, the bus's first."""
    return [history_of(name) for name in ("bus", *NAMES)]
