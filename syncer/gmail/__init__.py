"""The only place that knows Google's client."""
