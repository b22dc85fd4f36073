"""A certificate for this machine that no authority has signed."""

import atexit
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path


@cache
def certificate() -> tuple[Path, Path]:
    """The certificate for 127.0.0.1, and its key."""
    folder = Path(tempfile.mkdtemp(prefix="cvinspect-tls-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    made, key = folder / "cert.pem", folder / "key.pem"
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", made, "-days", "2"]
    subprocess.run([*command, *names], check=True, capture_output=True)
    return made, key
