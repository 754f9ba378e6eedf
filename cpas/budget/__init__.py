"""Expenditure, apportionment and what they served; knows no reports."""
