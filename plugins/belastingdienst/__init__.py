"""Declarations to the tax office: whoever keeps the books, whichever way they go."""
