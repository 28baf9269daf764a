"""Schemas of the contact API."""

from marshmallow import RAISE, Schema, fields, validate

# Mail servers on the way may not support other characters in an address (RFC 6531 is an extension).
_MAILBOX = (validate.Email(), validate.Length(max=254), validate.Regexp(r"^[\x21-\x7e]+$"))
# The label becomes part of a mail header.
_LINE = (
    validate.Length(1, 200),
    validate.Predicate("isprintable", error="One line of text, without control characters."),
)


class ContactBody(Schema):
    """The role mailbox of a structure."""

    class Meta:
        """Refuse unknown fields."""

        unknown = RAISE

    address = fields.String(required=True, validate=_MAILBOX)
    backup = fields.String(load_default=None, allow_none=True, validate=_MAILBOX)
    label = fields.String(required=True, validate=_LINE)


class ContactResponse(Schema):
    """The role mailbox of a structure."""

    structure = fields.String()
    address = fields.String()
    backup = fields.String(allow_none=True)
    label = fields.String()
