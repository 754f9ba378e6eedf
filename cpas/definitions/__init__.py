"""What YAML may say and what it means; knows no data."""
