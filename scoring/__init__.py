"""Pure functions from incidents and counts to levels; only run.py knows the warehouse."""
