"""The ways to the tax office."""
