"""From a received capture to a filed mail."""
