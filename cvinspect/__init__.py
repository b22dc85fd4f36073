"""Street inspection from video: violations in, one evidenced incident record each out."""

__version__ = "0.1.0"
