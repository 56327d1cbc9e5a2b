"""Who really sent this mail? Facts about it, and one verdict."""
