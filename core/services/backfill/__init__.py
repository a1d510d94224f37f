"""Past orders, brought over by a migration run."""
