"""The HTTP client that calls receivers of webhooks."""
