"""Delivers by signed webhooks (Standard Webhooks 1.0.0)."""
