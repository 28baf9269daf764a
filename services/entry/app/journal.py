"""What entry shows of what happened, declared."""

from collections.abc import Mapping

from services.entry.api import journal as api
from services.entry.app.submissions import READERS
from services.entry.schemas import journal as schemas
from shared.http.problems import Problem
from shared.http.routes import Route

ROUTES = (
    Route(
        "GET",
        "/changes",
        api.list_changes,
        allow=READERS,
        summary="Show what happened since to what you may see",
        query=schemas.ChangesQuery,
        response_schema=schemas.ChangesAnswer,
    ),
    Route(
        "GET",
        "/journal",
        api.list_journal,
        allow=frozenset(("secretariat",)),
        summary="Show who did what, when and from where, the latest first",
        query=schemas.JournalQuery,
        response_schema=schemas.JournalAnswer,
    ),
)

PROBLEMS: Mapping[type[Exception], Problem] = {}
