"""Numbered steps from an empty database to today's, each with frozen models of its own."""
