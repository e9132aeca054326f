"""A checkout or an environment below /tmp, where every session has files of its own, is set apart like any other."""

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from grader.errors import IsolationUnavailable
from grader.examine import sources
from grader.examine.local import LocalLauncher


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """The sandbox's code, copied to where sessions have files of their own."""
    if not tmp_path.is_relative_to("/tmp"):
        pytest.skip(f"temporary files are in {tmp_path}, which no session covers")
    shutil.copytree(sources.FOLDER, tmp_path / "code" / "sandbox")
    (tmp_path / "code" / "sandbox" / "secret").mkdir()
    (tmp_path / "code" / "sandbox" / "secret" / "hidden.txt").write_text("hidden")
    (tmp_path / "code" / "reference.txt").write_text("hidden")
    monkeypatch.setattr(sources, "FOLDER", tmp_path / "code" / "sandbox")
    return tmp_path / "code"


def test_code_below_tmp_gets_namespaces_and_shows_nothing_else_of_tmp(checkout, talk_in):
    try:
        slot = LocalLauncher("namespaces", hide=[checkout / "sandbox" / "secret"]).open()
    except IsolationUnavailable as error:
        pytest.skip(str(error))
    with closing(slot):
        for _ in range(2):
            one = talk_in(slot)(
                "import os, sandbox.notebook\n"
                "def names(path): return sorted(os.listdir(path))\n"
                "def write(path):\n"
                "    with open(path, 'w') as file: file.write('x')\n"
            )
            assert one.call("names", str(checkout)) == ["sandbox"]
            assert "driver.py" in one.call("names", str(checkout / "sandbox"))
            assert one.call("names", str(checkout / "sandbox" / "secret")).kind == "PermissionError"
            assert one.call("write", str(checkout / "sandbox" / "driver.py")).kind in {"OSError", "PermissionError"}
            assert one.call("write", "/tmp/mine") is None
            assert one.call("names", "/tmp") == sorted({"mine", "submission", Path(checkout).parts[2]})
            one.stop()
    assert slot.facts.isolation == "namespaces"
