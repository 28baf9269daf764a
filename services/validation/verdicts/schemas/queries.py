"""Query parameters of all routes of verdicts."""

from marshmallow import RAISE, Schema


class Query(Schema):
    """The parameters of a request."""

    class Meta:
        """Refuse unknown parameters."""

        unknown = RAISE
