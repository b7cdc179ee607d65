"""The record: database, tables, queries."""
