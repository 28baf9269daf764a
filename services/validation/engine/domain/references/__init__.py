"""What records refer to beyond their own submission."""
