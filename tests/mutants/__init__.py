"""Mutants of the rule engine and of the rule files: small changes, one at a time; the survivors are listed.

mutmut is not used: half of the product's rules are YAML, which no tool changes, and mutmut skips tables, constants,
cached functions and properties, of which this engine consists.
"""
