"""Needs carried over from one period into the next."""
