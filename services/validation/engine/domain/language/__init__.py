"""The language of rules: what expressions mean, and how they become Python."""
