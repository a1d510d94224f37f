"""The only writers of state; views, hooks and tasks go through these."""
