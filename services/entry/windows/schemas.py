"""The shapes of windows and of exceptions from them."""

from datetime import date
from typing import get_args

from marshmallow import RAISE, Schema, fields, validate

from services.entry.windows.domain import Phase
from shared.reference import KINDS

_REASON = validate.Length(3, 1000)


class ExceptionBody(Schema):
    """For whom a mapping is opened, until which day, and why."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    reporter = fields.String(required=True, validate=validate.Length(1, 40))
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    period = fields.String(required=True, validate=validate.Length(1, 9))
    expires_on = fields.Date(
        format="%Y-%m-%d",
        required=True,
        validate=validate.Range(date(2000, 1, 1), date(2099, 12, 31)),
        metadata={"description": "The last day on which it opens the mapping; within a year."},
    )
    reason = fields.String(required=True, validate=_REASON)


class EndExceptionBody(Schema):
    """Why an exception ends before its day."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    reason = fields.String(required=True, validate=_REASON)


class ExceptionShown(Schema):
    """One reporter may hand in one mapping until a day, whatever its window says."""

    id = fields.String(required=True)
    reporter = fields.String(required=True)
    kind = fields.String(required=True)
    period = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(("holds", "expired", "ended")))
    expires_on = fields.Date(required=True)
    reason = fields.String(required=True)
    granted_by = fields.String(required=True)
    granted_at = fields.String(required=True)
    ended_by = fields.String(required=True, allow_none=True)
    ended_at = fields.String(required=True, allow_none=True)
    end_reason = fields.String(required=True, allow_none=True)


class ExceptionsAnswer(Schema):
    """A page of exceptions."""

    items = fields.List(fields.Nested(ExceptionShown), required=True)
    next = fields.String(required=True, allow_none=True)


class WindowShown(Schema):
    """How a mapping is collected: what comes in `grace` is taken, and is late; `locked` nothing of it changes."""

    kind = fields.String(required=True)
    period = fields.String(required=True)
    phase = fields.String(required=True, validate=validate.OneOf(get_args(Phase)))
    opens_on = fields.Date(required=True, allow_none=True)
    due_on = fields.Date(required=True, allow_none=True)
    closes_on = fields.Date(required=True, allow_none=True)
    exception = fields.Nested(
        ExceptionShown,
        required=True,
        allow_none=True,
        metadata={"description": "Yours, which opens the mapping for you in any phase."},
    )


class WindowsAnswer(Schema):
    """Each mapping that you report, or look at, once somebody has said when it is collected."""

    items = fields.List(fields.Nested(WindowShown), required=True)
