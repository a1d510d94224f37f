"""The one stop shop: its sales read, its returns, and what was declared."""
