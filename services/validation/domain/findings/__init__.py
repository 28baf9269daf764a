"""What the engine says, and what becomes of it."""
