"""Use cases of figures: fold verdicts, rebuild, query."""
