"""The subcommands of `iisgd`, one module per subject."""
