"""Training, export and quantization: the one room that knows torch, and the one that reads a checkpoint.

A checkpoint (`.pt`) is a pickle, and a pickle may be a program. Nothing outside this room opens one.
"""
