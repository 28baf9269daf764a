"""The lifecycle of findings."""
