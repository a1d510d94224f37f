"""Sent sales invoices on their way to the package."""
