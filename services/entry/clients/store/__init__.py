"""Tables and queries of clients."""
