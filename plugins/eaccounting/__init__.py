"""Visma eAccounting: orders become sales entries, draft invoices or orders.

Sent invoices of the CRM become sales entries, and their payments come back.
"""
