"""A detector's scores on labelled pictures, and the thresholds they justify.

Pictures and labels come from `labelled`; scores of whole incidents are in `incidents`.
"""
