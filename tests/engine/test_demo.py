"""The demo as a newcomer runs it, in its default form, by the real engine."""

import pathlib

import pytest

from lab import demo, demo_sites

pytestmark = pytest.mark.seconds(55)


def test_demo_links_three_sites_and_leaves_nothing(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The first command of the README is all that many will ever try."""
    monkeypatch.setattr(demo_sites, "FOLDER", tmp_path / "demo")
    monkeypatch.setattr(demo_sites, "MANIFESTS", tmp_path / "demo" / "render" / "manifests")
    demo.up("render")
    said = capfd.readouterr()
    assert "round 2 of 2" in said.err
    assert "party-9999 and party-10000 meet through exchange; no site waits for another" in said.out
    (table,) = demo_sites.manifests(demo_sites.EXCHANGE).rglob("*-configmap-*route-table.yaml")
    assert all(f"party-{party}.example.org" in table.read_text() for party in demo_sites.PARTIES)
    for name in demo_sites.NAMES:
        assert f"{name}.example.org:{demo_sites.NODE_PORTS[name]}" in said.out
    demo.down()
    assert not (tmp_path / "demo" / "render").exists()
