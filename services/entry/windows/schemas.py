"""Shapes of windows and exceptions."""

from datetime import date
from typing import get_args

from marshmallow import RAISE, Schema, fields, validate

from services.entry.windows.domain import Phase
from shared.reference import KINDS


def _time_zone() -> fields.String:
    description = "The time zone of these days, an IANA name."
    return fields.String(required=True, metadata={"description": description, "example": "Europe/Tirane"})


_REASON = validate.Length(3, 1000)


class ExceptionBody(Schema):
    """A new exception."""

    class Meta:
        """Unknown fields are errors."""

        unknown = RAISE

    reporter = fields.String(required=True, validate=validate.Length(1, 40))
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    period = fields.String(required=True, validate=validate.Length(1, 9))
    expires_on = fields.Date(
        format="%Y-%m-%d",
        required=True,
        validate=validate.Range(date(2000, 1, 1), date(2099, 12, 31)),
        metadata={"description": "The last day on which the exception opens the mapping; within a year."},
    )
    reason = fields.String(required=True, validate=_REASON)


class RevokeExceptionBody(Schema):
    """The reason for revoking an exception."""

    class Meta:
        """Unknown fields are errors."""

        unknown = RAISE

    reason = fields.String(required=True, validate=_REASON)


class ExceptionResponse(Schema):
    """The permission of one reporter to submit one mapping until a day, whatever its window."""

    id = fields.String(required=True)
    reporter = fields.String(required=True)
    kind = fields.String(required=True)
    period = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(("holds", "expired", "ended")))
    expires_on = fields.Date(required=True)
    time_zone = _time_zone()
    reason = fields.String(required=True)
    granted_by = fields.String(required=True)
    granted_at = fields.String(required=True)
    ended_by = fields.String(required=True, allow_none=True)
    ended_at = fields.String(required=True, allow_none=True)
    end_reason = fields.String(required=True, allow_none=True)


class ExceptionsResponse(Schema):
    """A page of exceptions."""

    items = fields.List(fields.Nested(ExceptionResponse), required=True)
    next = fields.String(required=True, allow_none=True)


class WindowResponse(Schema):
    """The window of a mapping. In `grace`, submissions are accepted and late. When `locked`, submissions, corrections and withdrawals are refused."""

    kind = fields.String(required=True)
    period = fields.String(required=True)
    phase = fields.String(required=True, validate=validate.OneOf(get_args(Phase)))
    opens_on = fields.Date(required=True, allow_none=True)
    due_on = fields.Date(required=True, allow_none=True)
    closes_on = fields.Date(required=True, allow_none=True)
    time_zone = _time_zone()
    exception = fields.Nested(
        ExceptionResponse,
        required=True,
        allow_none=True,
        metadata={"description": "Your exception, which opens the mapping for you in any phase."},
    )


class WindowsResponse(Schema):
    """The windows of the mappings that you report or may read."""

    items = fields.List(fields.Nested(WindowResponse), required=True)
