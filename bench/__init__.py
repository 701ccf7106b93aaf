"""Measures the service: each module takes one measurement, in the same run as what it is compared with."""
