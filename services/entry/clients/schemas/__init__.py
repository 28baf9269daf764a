"""Shapes of requests and responses about clients."""
