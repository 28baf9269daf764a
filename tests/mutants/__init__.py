"""Breaks the rule engine and the rule files in small ways, one at a time, and tells which nobody notices.

Our own and not mutmut's, since half of the product's rules are YAML, which no tool breaks, and since mutmut leaves out
what this engine is made of: tables, constants, cached functions and properties.
"""
