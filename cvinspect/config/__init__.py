"""YAML into checked values: the site, its cameras, what the daemon needs, the table of violations.

No part of the program is made here (`assembly` does that), and nothing but configuration files is read.
"""
