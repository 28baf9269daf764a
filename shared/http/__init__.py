"""The HTTP edge of every service: routes as data, problems, request bodies, idempotency, limits and OpenAPI."""
