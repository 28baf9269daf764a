"""The canonical body of a submission: writing, reading and slicing."""
