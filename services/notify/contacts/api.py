"""The contact API."""

from dataclasses import asdict

from services.notify.contacts import operations, schemas
from services.notify.contacts.domain import Contact
from shared.http.routes import RequestContext, Result, Route
from shared.identity.rights import SECRETARIAT_ONLY


def get_contact(call: RequestContext, structure: str) -> Result:
    """Get the mailbox of a structure."""
    contact = operations.get_contact(call.tx, structure=structure)
    return Result(asdict(contact), etag=contact.version)


def put_contact(call: RequestContext, structure: str) -> Result:
    """Set the mailbox of a structure."""
    contact = Contact(structure=structure, **call.body)
    is_new = operations.put_contact(call.tx, contact=contact, if_match=call.if_match)
    return Result(asdict(contact), status=201 if is_new else 200, etag=contact.version)


ROUTES = (
    Route(
        "GET",
        "/contacts/<structure>",
        get_contact,
        allow=SECRETARIAT_ONLY,
        operation_id="getContact",
        response_schema=schemas.ContactResponse,
        summary="Get a structure's mailbox",
        has_etag=True,
    ),
    Route(
        "PUT",
        "/contacts/<structure>",
        put_contact,
        allow=SECRETARIAT_ONLY,
        operation_id="putContact",
        request_schema=schemas.ContactBody,
        response_schema=schemas.ContactResponse,
        statuses={200: "Changed.", 201: "Created."},
        summary="Set a structure's mailbox",
        has_etag=True,
    ),
)
