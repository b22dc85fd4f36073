"""Scripted streets with exact truth: what breaks real systems, from seeds."""
