"""Excel templates, built from the fields and code lists."""
