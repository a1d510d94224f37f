"""VIES: the EU's register of VAT numbers, a service other plugins ask."""
