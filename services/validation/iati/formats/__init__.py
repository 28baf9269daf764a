"""IATI files: rulesets in JSON and activities in XML."""
