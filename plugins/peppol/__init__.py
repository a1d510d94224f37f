"""Peppol: sales invoices as e-invoices, held against the official rules."""
