"""The names of the services, in a module that imports none of them."""

NAMES = ("entry", "validation", "reporting", "notify")
