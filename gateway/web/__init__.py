"""The HTTP face: the JSON API, health and metrics. It translates; crm_store decides."""
