"""Everything that talks to a CRM: the port in our own words, Zoho behind it, and a server that plays Zoho."""
