"""Moneybird: orders become external sales invoices."""
