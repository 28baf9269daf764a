"""Lists in keyset pages: each page begins after a key, so that rows never shift between pages."""

from collections.abc import Callable, Sequence
from typing import Any

from marshmallow import RAISE, Schema, fields, validate

MAX_LIMIT = 200


class PageQuery(Schema):
    """The parameters `limit` and `after`. The query of a list extends it."""

    class Meta:
        """Unknown parameters are errors."""

        unknown = RAISE

    limit = fields.Integer(load_default=50, validate=validate.Range(1, MAX_LIMIT))
    after = fields.String(load_default=None, validate=validate.Length(1, 100))


class Page:
    """One page of a list."""

    @staticmethod
    def of(items: Sequence[Any], *, limit: int, key: Callable[[Any], str]) -> dict[str, Any]:
        """Return the body of a page of up to `limit` items; pass one item more, so that a next page is known."""
        shown = list(items[:limit])
        return {"items": shown, "next": key(shown[-1]) if len(items) > limit else None}
