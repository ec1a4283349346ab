"""Ready ways to read a payload: a card alone is enough for these."""
