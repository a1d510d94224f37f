"""Connections with outside systems: their state and their credentials."""
