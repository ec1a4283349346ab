"""People's decisions: named, signed, append-only."""
