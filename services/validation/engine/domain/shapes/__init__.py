"""Record shapes: the structural check, its fast form and its rules."""
