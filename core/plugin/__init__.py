"""All that a plugin sees of the core."""
