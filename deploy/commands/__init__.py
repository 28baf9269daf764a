"""The subcommands of `iisgd`, one file per subject."""
