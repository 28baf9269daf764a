"""OAuth clients of reporters, with their secrets, keys, delegations and tokens."""
