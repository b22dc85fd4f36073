"""What each command does, put together from the other rooms: run, watch, check, bench, evaluate, calibrate.

Nothing here prints or reads options; that is `cli`. Parts that more than one command needs are made in `assembly`.
"""
