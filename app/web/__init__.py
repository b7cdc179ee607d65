"""Pages for people: they use `/v1` like everyone else."""
