"""The monthly report: results to a document, one file for each of its parts."""
