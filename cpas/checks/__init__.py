"""Frames to issues; knows no reports."""
