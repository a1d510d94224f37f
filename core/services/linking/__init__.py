"""Connections and couplings: connecting, checking, configuring, due when."""
