"""A server on your own machine that plays Zoho CRM, for the demo and for every test."""
