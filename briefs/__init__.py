"""Drafts of one issue: build decides and words, render places."""
