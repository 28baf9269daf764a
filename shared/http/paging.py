"""Lists in keyset pages: the next page begins after a key, so that rows never shift between pages."""

from collections.abc import Callable, Sequence
from typing import Any

from marshmallow import RAISE, Schema, fields, validate

MAX_LIMIT = 200


class PageQuery(Schema):
    """`limit` and `after`; the query of a list extends it."""

    class Meta:
        """Unknown parameters are mistakes."""

        unknown = RAISE

    limit = fields.Integer(load_default=50, validate=validate.Range(1, MAX_LIMIT))
    after = fields.String(load_default=None, validate=validate.Length(1, 100))


class Page:
    """Makes the body of a list."""

    @staticmethod
    def of(items: Sequence[Any], *, limit: int, key: Callable[[Any], str]) -> dict[str, Any]:
        """The body for up to `limit` of the items; fetch one more than the limit, so that it knows of a next page."""
        shown = list(items[:limit])
        return {"items": shown, "next": key(shown[-1]) if len(items) > limit else None}
