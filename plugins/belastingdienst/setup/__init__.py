"""The taxpayer and his administraties: who files, by which channel and certificate."""
