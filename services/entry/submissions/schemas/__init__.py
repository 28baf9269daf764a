"""Shapes of requests and responses about submissions."""
