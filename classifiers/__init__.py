"""What kind of customer each account is: tables go in, answers with their reasons come out."""
