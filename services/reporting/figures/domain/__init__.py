"""What reporting counts and how: pure functions over records, facts and figures."""
