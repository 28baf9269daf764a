"""Messages: their kinds, content and texts."""
