"""entry over HTTP: each view calls one operation."""
