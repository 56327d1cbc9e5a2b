"""How Google's APIs are called: methods out of the discovery documents, tokens, quota, errors, batches, uploads."""
