"""Peppol: documents held against the official rules."""
