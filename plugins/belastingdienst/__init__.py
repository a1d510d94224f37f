"""Declarations to the Dutch tax office, whoever keeps the books."""
