"""Where all of entry's tables are known."""

from shared.database import metadata_of

metadata = metadata_of("entry")
