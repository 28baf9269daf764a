"""Bodies of submissions."""
