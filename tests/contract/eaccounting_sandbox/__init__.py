"""The Visma eAccounting sandbox against the vendor's contract."""
