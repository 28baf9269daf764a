"""What runs the system: the operator's command, the local launcher, images and the sample data."""
