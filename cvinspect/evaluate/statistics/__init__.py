"""Rates, intervals and verdicts: pure functions of counts.

What is counted lives in `detections` and `incidents`.
"""
