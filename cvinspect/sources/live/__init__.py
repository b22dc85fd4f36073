"""Cameras that send now: address, connection, reading, the camera's clock, the state of the link.

How coded video becomes pictures is `decoding`; files are `recorded`.
"""
