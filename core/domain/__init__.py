"""Plain data and small pure helpers; knows nobody."""
