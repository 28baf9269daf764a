"""The HTTP edge that all services share: routes as data, problems, identity, idempotency, health, pages."""

from shared.http.auth import ROLES, SCOPES, Caller, Role
from shared.http.calls import PUBLIC, Answer, Call, Refusals, Route
from shared.http.pages import Page, PageQuery
from shared.http.problems import Fault, NotFound, Problem, Unprocessable

__all__ = [
    "PUBLIC",
    "ROLES",
    "SCOPES",
    "Answer",
    "Call",
    "Caller",
    "Fault",
    "NotFound",
    "Page",
    "PageQuery",
    "Problem",
    "Refusals",
    "Role",
    "Route",
    "Unprocessable",
]
