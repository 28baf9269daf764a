"""The speed of the rule engine, compared with other engines on the same rows, and its cost on the product's records."""
