"""What holds in all tests."""

import pytest

from cvinspect.assembly import eyes


@pytest.fixture(autouse=True)
def quick_eye_alone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The careful network costs ten times a quick look: it looks only in tests that are about it."""
    if request.node.get_closest_marker("careful") is None:
        monkeypatch.setattr(eyes, "CAREFUL_MODEL", "models/none.yaml")
