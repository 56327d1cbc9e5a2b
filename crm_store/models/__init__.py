"""Rows only: fields, constraints and what a row means. No behaviour, no queries."""
