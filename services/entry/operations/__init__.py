"""What entry does: takes submissions and corrections, takes them back, and notes what becomes of them."""
