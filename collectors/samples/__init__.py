"""Recorded payloads of the specimen weeks; README.md says where each comes from."""
