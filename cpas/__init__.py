"""Reporting engine for the Comprehensive Planning and Performance Assessment System (CPAS)."""

__version__ = "0.1.0"
