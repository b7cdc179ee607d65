"""One module per upstream: fetch (network) and parse (pure)."""
