"""Callers, their roles and rights, and the tokens, keys and signatures that prove them."""
