"""Clients and sandboxes against the vendors' own contracts."""
