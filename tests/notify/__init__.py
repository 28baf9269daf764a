"""Notify, tested."""
