"""The capture queue of a location for its operators (rules D), and a user's own captures, to look at (D5)."""
