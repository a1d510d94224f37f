"""Invoices on their way over Peppol: queued, sent once, followed to their end."""
