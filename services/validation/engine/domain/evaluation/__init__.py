"""The engine: records through rules to a judgement, in parts, in any order, with the same bytes."""
