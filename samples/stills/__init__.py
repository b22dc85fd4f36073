"""Stills that live: photographs as a fixed camera would show them for a minute; the truth is what is drawn."""
