"""How right the program is: labels and truth, and the scores of detections and of incidents against them.

Nothing is run here: pictures and clips go through the program in `commands`, and what came of it is counted here.
"""
