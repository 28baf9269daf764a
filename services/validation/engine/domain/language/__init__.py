"""The rule language: its grammar, its functions and its translation to Python."""
