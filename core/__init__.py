"""Koppelwerk's core: everything that knows no outside system by name."""
