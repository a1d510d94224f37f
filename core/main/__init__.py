"""The composition root, the commands and the processes."""
