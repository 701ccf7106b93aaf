"""Holds the use cases: what accounts, readers of links and operators can ask of the service."""
