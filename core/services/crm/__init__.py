"""Relations: kept, found, imported."""
