"""What was filed against the books: changes, corrections, suppleties."""
