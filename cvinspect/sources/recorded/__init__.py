"""Footage that lies in files: videos, folders of pictures, single pictures, and when they were taken.

How coded video becomes pictures is `decoding`; cameras that send now are `live`.
"""
