"""Pages for people, each one self-contained file: after a run, and after an evaluation.

They show what others have counted; nothing is inspected or scored here.
"""
