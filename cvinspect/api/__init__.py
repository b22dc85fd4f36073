"""The daemon's HTTP API: health, metrics, incidents, evidence, and what platforms report back.

It asks the daemon and the store; what cameras do lives in `daemon`, pages for people do not live here.
"""
