"""What proves a declaration, chained and kept seven years."""
