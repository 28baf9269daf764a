"""Tables and queries of submissions."""
