"""References to other submissions: look-ups, and similarity of support."""
