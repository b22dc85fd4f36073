"""One page that an operator reads after a run."""
