"""A stand-in for Google: OAuth, Gmail, People and push, as documented. Knows nothing of the CRM."""
