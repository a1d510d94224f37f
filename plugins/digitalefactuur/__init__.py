"""DigitaleFactuur: debtors, creditors and invoices."""
