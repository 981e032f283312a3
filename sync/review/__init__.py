"""Lets people have the last word: some classes and marks count only once somebody has accepted them."""
