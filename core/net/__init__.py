"""Guarded calls to the outside: HTTP, OAuth, rate limits, addresses, signatures."""
