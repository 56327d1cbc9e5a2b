"""The one connection object, how it is opened, and how writers take turns."""
