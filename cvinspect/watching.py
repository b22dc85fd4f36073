"""The composition root of the daemon: a site -> cameras, ledger, sinks, API, ready to be started."""
