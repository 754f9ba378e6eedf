"""Definitions, facts and periods to the results frame; knows no files and no reports."""
