"""Families of scenes, one file each: a function from a random generator to a scene with its exact truth."""
