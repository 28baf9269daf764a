"""What is common to all queries."""

from marshmallow import RAISE, Schema

FORMATS = ("json", "csv", "html", "xlsx")
"""The forms that a report comes in."""


class Query(Schema):
    """The parameters of a request."""

    class Meta:
        """Unknown parameters are mistakes."""

        unknown = RAISE
