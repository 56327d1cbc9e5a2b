"""What the JSON API takes and gives, a file for each resource. Written by hand: how rows are stored is no promise."""
