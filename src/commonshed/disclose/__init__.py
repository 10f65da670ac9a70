"""Disclose: everyone can look and check."""
