"""All that the outside talks to: SMTP, the checks of who sent a mail, capture, and the web."""
