"""Values and rules of submissions."""
