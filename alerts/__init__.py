"""Another reader, another clock and another safety gate than a brief; nothing is sent by this version."""
