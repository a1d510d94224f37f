"""An access point in a thread, and a tenant that sends by it."""
