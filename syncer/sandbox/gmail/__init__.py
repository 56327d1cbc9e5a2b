"""The methods of Gmail v1."""
