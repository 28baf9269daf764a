"""How fast the rule engine is, against others that judge the same rows, and what it costs on our own records."""
