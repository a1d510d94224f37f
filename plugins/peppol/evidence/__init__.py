"""What is kept of documents that were sent, and how long."""
