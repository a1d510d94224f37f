"""Own sales: shop orders, refunds and invoices kept here, as figures."""
