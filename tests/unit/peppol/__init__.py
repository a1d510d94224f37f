"""Peppol: pure tests."""
