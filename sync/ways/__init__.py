"""Chooses the cheapest way to read from the CRM and to write into it, before anything is asked of it."""
