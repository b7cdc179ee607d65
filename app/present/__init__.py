"""A report in, bytes out; pure."""
