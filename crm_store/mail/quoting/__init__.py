"""Where in a text somebody else's mail begins: attribution lines, quoted headers, separators. Pure, one pass."""
