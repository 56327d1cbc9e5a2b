"""Contacts of Google accounts, read into the locations of their connections (B15)."""
