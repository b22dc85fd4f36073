"""How right raised incidents are: held against the truth, counted, compared with an earlier run, reviewed by people.

Truth files are read in `truth`; scores of single pictures are in `detections`.
"""
