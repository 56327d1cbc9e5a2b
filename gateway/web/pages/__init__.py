"""Pages for people: HTML made here, in their language, with a session and a form token. The API is in routes/."""
