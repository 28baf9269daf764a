"""The rule engine: language, shapes of records, judging."""
