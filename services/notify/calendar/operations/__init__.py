"""Read and change the calendar."""
