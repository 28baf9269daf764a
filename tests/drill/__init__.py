"""`make drill`: each promise kept under kills and outages of the real system."""
