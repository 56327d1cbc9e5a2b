"""The Gmail path: follows mailboxes, and keeps them and the store equal. Imports crm_store, never the gateway."""
