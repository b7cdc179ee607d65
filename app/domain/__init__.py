"""Words and arithmetic: no SQL, no HTTP, no files."""
