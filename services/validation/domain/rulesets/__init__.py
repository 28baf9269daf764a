"""Rules and rulesets: read, checked, compared, and how they fare."""
