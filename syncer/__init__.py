"""The Gmail path. It shares crm_store with the gateway and is never imported by it: a row asks, a task answers."""
