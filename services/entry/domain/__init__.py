"""What a submission is, who may hand in what and when, and what is shown of its fate. Pure: days are given."""
