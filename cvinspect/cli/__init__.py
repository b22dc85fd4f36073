"""The command line, one module a command: the only room that prints or exits.

What a command does lives in `commands`; here are options, tables, progress and signals.
"""
