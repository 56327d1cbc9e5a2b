"""Full text search of a location: its mail, and its contacts."""
