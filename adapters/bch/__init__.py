"""Speaks the formats of the Biosafety Clearing-House."""
