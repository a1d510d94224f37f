"""Declarations: prepared, approved, delivered once and followed to their end."""
