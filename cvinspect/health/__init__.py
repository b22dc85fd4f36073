"""Whether a camera's pictures can be judged at all: frozen, black, blurred, moved."""
