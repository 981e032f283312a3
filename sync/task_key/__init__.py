"""The key on every task by which the CRM itself can refuse a second one for the same reason."""
