"""Which way of reading a whole module costs least, and the reading of it in that way."""
