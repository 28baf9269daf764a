"""The OpenAPI 3.1 description of a service, built from its routes and their schemas."""

from shared.http.openapi.description import openapi_of
from shared.http.openapi.records import ANY_RECORD

__all__ = ["ANY_RECORD", "openapi_of"]
