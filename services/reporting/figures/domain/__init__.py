"""Rules of counting: pure functions over records, facts and figures."""
