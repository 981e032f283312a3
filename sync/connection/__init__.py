"""What lets fenlei into an organisation: how it is got, where it is kept, and how it is given back."""
