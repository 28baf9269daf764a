"""The rule engine. Pure: rules, records, code lists and what is known of others go in, a verdict comes out."""
