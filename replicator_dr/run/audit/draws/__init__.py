"""What a spec lets vary, and whether what was drawn fits it."""
