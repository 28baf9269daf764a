"""The tables of a service, across its parts."""

from functools import cache

from sqlalchemy import MetaData


@cache
def metadata_of(service: str) -> MetaData:
    """Return the one `MetaData` of a service's schema. Each part's store adds its tables when it is imported."""
    return MetaData(schema=service)
