"""The HTTP edge that all services share: routes as data, problems, identity, idempotency, health, pages."""

from shared.http.auth import Caller
from shared.http.calls import PUBLIC, ROLES, Answer, Call, Role, Route
from shared.http.pages import Page, PageQuery
from shared.http.problems import Fault, NotFound, Problem, Unprocessable

__all__ = [
    "PUBLIC",
    "ROLES",
    "Answer",
    "Call",
    "Caller",
    "Fault",
    "NotFound",
    "Page",
    "PageQuery",
    "Problem",
    "Role",
    "Route",
    "Unprocessable",
]
