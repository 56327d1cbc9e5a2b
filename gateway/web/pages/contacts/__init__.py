"""Contacts: the list, one contact, and who is who."""
