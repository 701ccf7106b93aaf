"""Carries notices by e-mail: composes the message, sends it over SMTP, catches mail in development."""
