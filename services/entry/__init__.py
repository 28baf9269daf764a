"""entry: takes submissions, keeps their versions, answers for their fate."""
