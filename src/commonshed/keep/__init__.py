"""A shed on disk: readings for good, in the order they were sealed, and the layout analysis works on."""
