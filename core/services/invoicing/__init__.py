"""Sales invoices of the tenant, their bookings and their payments."""
