"""What holds in all tests."""

import pytest

from cvinspect.assembly import eyes

_SHIPPED = eyes.CAREFUL_MODEL

eyes.CAREFUL_MODEL = "models/none.yaml"
"""The careful network costs ten times a quick look: it looks only in tests that are about it."""


@pytest.fixture(autouse=True)
def careful_network_where_it_is_asked_for(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shipped one, for a test that is marked `careful`."""
    if request.node.get_closest_marker("careful") is not None:
        monkeypatch.setattr(eyes, "CAREFUL_MODEL", _SHIPPED)
