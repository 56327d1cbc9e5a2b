"""Pictures that mails name elsewhere, fetched for a reader who asked for them: whoever has them learns that we looked,
and nothing of who reads."""
