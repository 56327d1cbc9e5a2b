"""Google's consent: from Connect to the callback, and back at Disconnect. What is read in a mailbox is the syncer's."""
