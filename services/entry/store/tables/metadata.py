"""Where all of entry's tables are known."""

from sqlalchemy import MetaData

metadata = MetaData(schema="entry")
