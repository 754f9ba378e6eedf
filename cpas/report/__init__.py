"""Results to documents to bytes; knows no rules."""
