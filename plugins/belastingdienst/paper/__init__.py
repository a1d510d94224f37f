"""The return on paper."""
