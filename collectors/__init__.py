"""Where payloads come from and how they are read: cards, kinds, the guarded client and the replaying one."""
