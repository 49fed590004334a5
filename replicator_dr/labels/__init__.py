"""What datasets say about images: one set of label records, from which every writer takes what its format asks for."""
