"""How much of what must not be recognised is masked: faces and plates drawn by eye, and signs that must stay.

Its names say what they are; nothing is kept here.
"""
