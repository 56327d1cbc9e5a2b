"""Conversations: the list, a contact's threads, one mail, and what people set right by hand."""
