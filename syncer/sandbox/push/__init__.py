"""Gmail's watch and the Pub/Sub push that comes of it (facts/gmail.md 1.5)."""
