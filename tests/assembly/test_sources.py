"""How far apart samples of a camera may be: by the shortest dwell that can hold in its zones."""

from pathlib import Path

import pytest

from cvinspect.assembly.sources import ON_THE_COMMAND_LINE, refuse_addresses, sampling_rule
from cvinspect.config.site import load_site
from cvinspect.errors import ConfigError
from cvinspect.modes import Sampling
from cvinspect.sources.decoding.sampling_choice import KeyframeWatch, SamplingRule

KERB = "polygon: [[0, 0], [1, 0], [1, 1], [0, 1]]"


def rule(folder: Path, text: str, *, wanted: Sampling | None = None) -> SamplingRule:
    path = folder / "site.yaml"
    path.write_text(text, encoding="utf-8")
    site = load_site(path)
    return sampling_rule(site, site.camera_for(folder / "gate.mp4"), wanted, asked=ON_THE_COMMAND_LINE)


@pytest.mark.parametrize(("dwell_s", "apart_s"), [(1, 0.2), (10, 2), (19, 3.8), (60, 4)])
def test_five_samples_fit_into_the_shortest_dwell_and_none_is_farther_from_the_next_than_4_s(
    tmp_path: Path, dwell_s: float, apart_s: float
) -> None:
    found = rule(tmp_path, f"violations: {{exposed_garbage: {{dwell_s: {dwell_s}}}}}")

    assert found.wanted is Sampling.AUTO
    assert found.apart_s == pytest.approx(apart_s)


def test_a_dwell_that_cannot_hold_in_the_cameras_zones_asks_for_nothing(tmp_path: Path) -> None:
    short = "violations: {illegal_parking_motor: {dwell_s: 2}}"
    elsewhere = f"cameras: [{{id: gate, source: gate.mp4, zones: [{{id: a, kind: street_facade, {KERB}}}]}}]"
    here = elsewhere.replace("street_facade", "no_parking")

    assert rule(tmp_path, f"{short}\n{elsewhere}").apart_s == 4
    assert rule(tmp_path, f"{short}\n{here}").apart_s == pytest.approx(0.4)


def test_what_is_asked_for_goes_before_what_is_configured(tmp_path: Path) -> None:
    site = "cameras: [{id: gate, source: gate.mp4, sampling: keyframes}]"

    assert rule(tmp_path, site).wanted is Sampling.KEYFRAMES
    assert rule(tmp_path, site, wanted=Sampling.ALL).wanted is Sampling.ALL


def test_who_asked_for_a_sampling_is_told_as_the_reason_for_it(tmp_path: Path) -> None:
    site = "cameras: [{id: gate, source: gate.mp4, sampling: keyframes}]"
    said = [str(KeyframeWatch(rule(tmp_path, site, wanted=wanted)).choice) for wanted in (Sampling.ALL, None)]

    assert said == ["all frames decoded: as asked for by --fps or --sampling", "key frames only: as configured"]


@pytest.mark.parametrize("address", ["rtsp://me:a/secret@camera:554/1", "http://camera/?key=secret", "srt://camera:1"])
def test_an_address_is_no_input_of_a_run_and_only_its_scheme_is_repeated(address: str) -> None:
    scheme = address.partition(":")[0]
    with pytest.raises(ConfigError) as refused:
        refuse_addresses([Path("street.mp4"), Path(address)])

    assert str(refused.value) == (
        f"{scheme}://…: is an address, not a file; live cameras are watched with `cvinspect watch CONFIG`"
    )


def test_a_file_in_a_folder_that_is_called_like_an_address_is_an_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("rtsp:").mkdir()
    Path("rtsp:/a.mp4").touch()

    refuse_addresses([Path("rtsp:/a.mp4"), Path("C:/a.mp4")])
