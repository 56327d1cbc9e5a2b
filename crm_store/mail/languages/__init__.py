"""The words by which mail programs mark quoted and forwarded mail, one table a language. Written by hand, ours."""
