"""What the pages tell: overview, Rapportage, exports, status dots."""
