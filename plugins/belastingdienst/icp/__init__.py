"""Supplies to other member states: what is declared, over which days, what is owed."""
