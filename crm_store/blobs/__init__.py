"""Raw mail under its SHA-256: put, read, delete. What fits this border fits a folder and an S3 bucket alike."""
