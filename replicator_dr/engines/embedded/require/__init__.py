"""What frames must show: conditions, and frames drawn anew."""
