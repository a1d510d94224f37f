"""Keeping relations in step with a package: runs, turns, troubles."""
