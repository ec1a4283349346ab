"""Commands that are more than a call of a stage, one module each; `horizon/cli.py` registers them."""
