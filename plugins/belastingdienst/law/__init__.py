"""What the law says, pure."""
