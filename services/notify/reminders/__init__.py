"""Reminders of open obligations, and notices of moved meetings."""
