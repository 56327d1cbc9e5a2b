"""Google's OAuth 2.0 and OpenID Connect endpoints."""
