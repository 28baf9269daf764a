"""Bundle, send, hold, list and preview mails."""
