"""What really happened in labelled clips: the truth files, read and checked.

Incidents are held against it in `incidents`.
"""
