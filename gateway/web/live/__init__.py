"""Open pages hear of what changed without asking again and again."""
