"""Alerts and the roster: another reader, another clock and another safety gate than a brief."""
