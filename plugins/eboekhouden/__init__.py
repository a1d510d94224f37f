"""e-Boekhouden.nl: orders and invoices become sales entries; relations go both ways.

Payments of booked invoices come back.
"""
