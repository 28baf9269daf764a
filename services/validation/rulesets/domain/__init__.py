"""Examples, costs, differences and the schema of rulesets."""
