"""Pure decisions: values in, a decision with its rule's number out. No clock, database, network or log."""
