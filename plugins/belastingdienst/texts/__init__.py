"""The user's words."""
