"""Zoho CRM behind the port."""
