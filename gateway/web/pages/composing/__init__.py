"""Writing, answering and passing on mail, and the outbox."""
