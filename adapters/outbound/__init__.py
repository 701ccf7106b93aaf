"""Calls addresses that others chose, without letting them reach into our own networks."""
