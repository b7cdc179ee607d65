"""Every decision; the only callers of the store. Services know no HTTP."""
