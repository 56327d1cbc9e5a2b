"""The pages Settings › My profile › General."""
