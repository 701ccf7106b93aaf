"""Answers the calls, one module for each aggregate: parse, call one use case, render."""
