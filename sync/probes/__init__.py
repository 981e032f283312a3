"""Questions that Zoho's documents leave open, each with the experiment that answers it."""
