"""A worker's turn with one approved declaration, until its end."""
