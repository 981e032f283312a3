"""Keeps follow-up going: who is due next, which day has room, and which open task has had its day."""
