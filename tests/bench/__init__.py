"""`make bench`: each figure as a ratio against a yardstick measured in the same run."""
