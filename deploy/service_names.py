"""The names of the services. Commands that start other processes need the names alone, without the services' code."""

NAMES = ("entry", "validation", "reporting", "notify")
