"""Relations kept in step with the package."""
