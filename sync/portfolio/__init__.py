"""The figures about all customers that a sales manager looks at every month; start at ``looking_over``."""
