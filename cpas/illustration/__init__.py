"""An illustrative mission drawn by a seeded model; what is known of it is planted and written down."""
