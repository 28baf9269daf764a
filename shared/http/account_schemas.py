"""The schemas of the account of a file, in submissions and in reports."""

from marshmallow import Schema, fields, validate

from shared.reference.accounts import FORMATS
from shared.reference.unread import BEARS


class UnreadPart(Schema):
    """A part of a file that was not read, or was not read as it was written, and what would be read.

    A part of a table has a sheet, row or cell; a part of an activity has an element.
    """

    reason = fields.String(required=True, metadata={"description": "The code of the reason."})
    values = fields.Dict(
        keys=fields.String(), metadata={"description": "The facts of the part that the message names."}
    )
    bears = fields.String(
        required=True,
        validate=validate.OneOf(BEARS),
        metadata={"description": "What it bears that is not in the records."},
    )
    message = fields.String(required=True)
    expected = fields.String(required=True)
    sheet = fields.String()
    row = fields.Integer()
    cell = fields.String()
    element = fields.String(metadata={"description": "Such as: transaction 2."})
    ref = fields.String(metadata={"description": "The record that the part belongs to."})
    amount = fields.String(metadata={"description": "The amount that was not read, as it was written."})
    currency = fields.String()
    language = fields.String(
        metadata={"description": "The language of texts that have no translation into the requested one."}
    )


class ReadColumn(Schema):
    """A column that was read."""

    column = fields.String(required=True, metadata={"description": "Its letters, such as F."})
    heading = fields.String(required=True, metadata={"description": "The heading as it is written."})
    field = fields.String(required=True, metadata={"description": "The path of the field."})


class ReadSummary(Schema):
    """A summary of the content that was read: of a table, its rows and columns; of IATI, its activities."""

    format = fields.String(
        required=True, validate=validate.OneOf(FORMATS), metadata={"description": "As read."}
    )
    records = fields.Integer(
        required=True, metadata={"description": "The number of records in the file or request."}
    )
    sheet = fields.String(metadata={"description": "The name of the sheet that was read, or of the file."})
    other_sheets = fields.List(fields.String())
    heading_row = fields.Integer()
    titles = fields.List(fields.String(), metadata={"description": "The titles above the headings."})
    rows = fields.Integer(
        metadata={"description": "The number of rows below the headings that became records."}
    )
    columns = fields.List(fields.Nested(ReadColumn))
    other_sheets_left_out = fields.Integer(
        metadata={"description": "The number of other sheets that are not listed."}
    )
    columns_left_out = fields.Integer(metadata={"description": "The number of columns that are not listed."})
    encoding = fields.String()
    separator = fields.String()
    version = fields.String(metadata={"description": "The version of IATI."})
    activities = fields.Integer()
    transactions = fields.Integer()
    budgets = fields.Integer()


class Reading(Schema):
    """The account of a version's file: what was read, and what was not.

    Each unread part is judged by the rules too, which decide whether it returns the submission.
    """

    read = fields.Nested(ReadSummary, required=True)
    counts = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "The number of unread parts by reason."},
    )
    unread = fields.List(
        fields.Nested(UnreadPart), required=True, metadata={"description": "The first unread parts."}
    )
    left_out = fields.Integer(
        required=True,
        metadata={"description": "The number of unread parts that are not listed; `counts` has all."},
    )
