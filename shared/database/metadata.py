"""The tables of a service, whichever of its parts they belong to."""

from functools import cache

from sqlalchemy import MetaData


@cache
def metadata_of(service: str) -> MetaData:
    """Return the one `MetaData` of a service's schema. Each part's store adds its tables when it is imported."""
    return MetaData(schema=service)
