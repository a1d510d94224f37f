"""The plugin against its sandbox: the client, connecting, and the tasks."""
