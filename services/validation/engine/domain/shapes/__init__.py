"""What a record looks like, and whether it does: what comes before the rules."""
