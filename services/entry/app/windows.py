"""What entry does about windows, declared."""

from services.entry.api import windows as api
from services.entry.app.submissions import READERS
from services.entry.domain.windows import RULES, ExceptionIsOver, WindowIsClosed
from services.entry.schemas import windows as schemas
from shared.http.paging import PageQuery
from shared.http.problems import Problem
from shared.http.routes import Route
from shared.identity.rights import ROLES, Role

SECRETARIAT: frozenset[Role] = frozenset(("secretariat",))

ROUTES = (
    Route(
        "GET",
        "/windows",
        api.list_windows,
        allow=ROLES,
        summary="Show when mappings are collected, and how they stand today",
        response_schema=schemas.WindowsAnswer,
    ),
    Route(
        "GET",
        "/exceptions",
        api.list_exceptions,
        allow=READERS,
        summary="List exceptions from windows, the latest first",
        query=PageQuery,
        response_schema=schemas.ExceptionsAnswer,
    ),
    Route(
        "POST",
        "/exceptions",
        api.grant_exception,
        allow=SECRETARIAT,
        summary="Open a mapping for one reporter until a day",
        request_schema=schemas.ExceptionBody,
        response_schema=schemas.ExceptionShown,
        statuses=(201,),
    ),
    Route(
        "POST",
        "/exceptions/<exception>/end",
        api.end_exception,
        allow=SECRETARIAT,
        summary="End an exception before its day",
        request_schema=schemas.EndExceptionBody,
        response_schema=schemas.ExceptionShown,
    ),
)

_DAY = {"type": ["string", "null"], "format": "date"}

PROBLEMS = {
    WindowIsClosed: Problem(
        403,
        "The collection window is closed",
        facts={
            "rule": {"type": "string", "enum": sorted(RULES.values())},
            "since": _DAY | {"description": "The first day on which the rule refuses."},
            "until": _DAY | {"description": "The last one; null: until somebody opens it."},
            "opens_on": _DAY,
            "due_on": _DAY,
            "closes_on": _DAY,
            "who": {"type": "string", "description": "Who can open it for you."},
        },
    ),
    ExceptionIsOver: Problem(409, "The exception is over"),
}
