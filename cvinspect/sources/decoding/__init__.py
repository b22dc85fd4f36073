"""From coded video to pictures, for files and live cameras alike: which frames, in which order, past broken parts.

Nothing here opens a network connection or knows when a recording was made.
"""
