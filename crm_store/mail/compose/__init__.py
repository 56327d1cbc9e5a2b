"""Making the mail that the product sends (E1, E2, E5): values in, one RFC 5322 message out."""
