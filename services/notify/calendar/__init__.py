"""Meetings, the collections towards them, and the obligations that follow."""
