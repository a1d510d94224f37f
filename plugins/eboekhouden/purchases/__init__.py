"""Invoices of suppliers on their way to the package."""
