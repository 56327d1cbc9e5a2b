"""Mail that the CRM sends: lanes of the outbox, each carried by what it is of."""
