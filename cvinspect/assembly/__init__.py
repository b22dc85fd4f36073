"""From a site's configuration to ready parts: networks, sources, pipelines, clips.

Which implementation is taken is chosen here; what is done with the parts lives in `commands`, `daemon` and `train`.
"""
