"""The budget performance report: results and money to a document, one file for each of its parts."""
