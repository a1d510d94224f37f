"""What is paid for: licences, trials, their invoices, and what they cover."""
