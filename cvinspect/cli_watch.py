"""`cvinspect watch`: the daemon on live cameras."""
