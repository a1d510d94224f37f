"""Orders on their way to the package."""
