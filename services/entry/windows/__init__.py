"""Collection windows, deadlines, and exceptions for single reporters."""
