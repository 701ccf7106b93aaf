"""Reads the mails that come in: delivery reports, automatic replies, and replies that acknowledge."""
