"""Running the system: the operator's command, the supervisor, images and the sample data."""
