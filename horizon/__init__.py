"""Where the rooms meet: stages, settings, logs, and the command line."""
