"""What a Google account holds: addresses, messages, labels, history, threads, contacts."""
