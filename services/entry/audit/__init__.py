"""The audit log, the chain that seals it, and the changes feed."""
