"""Mail: the outbox, sending it, and what is told by mail."""
