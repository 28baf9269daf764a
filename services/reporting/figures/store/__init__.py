"""Tables of figures, and their queries."""
