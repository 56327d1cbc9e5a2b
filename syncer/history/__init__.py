"""Following a mailbox: what was seen, what is to be fetched, what is missing."""
