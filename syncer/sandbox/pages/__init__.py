"""Pages for people: the accounts, their mail, and a way to write some. They work without JavaScript."""
