"""The methods of People v1."""
