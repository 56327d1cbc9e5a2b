"""Every URL, a file for each resource. Endpoints are plain functions: each runs in a thread of its own."""
