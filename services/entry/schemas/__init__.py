"""The shapes of entry's requests and answers."""
