"""Writes documents of a case for people and for other systems."""
