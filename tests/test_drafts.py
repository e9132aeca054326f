"""Files that are whole at every moment."""

import os
from pathlib import Path

import pytest

from grader.drafts import draft


def test_the_file_is_as_it_was_until_all_is_written(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    with draft(tmp_path / "a") as part:
        part.write_text("new")
        assert (tmp_path / "a").read_text() == "old"
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a": "new"}


def test_what_fails_leaves_the_file_and_nothing_beside_it(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    with pytest.raises(TypeError), draft(tmp_path / "a") as part:
        part.write_text(None)  # type: ignore[arg-type] - opens the file, and fails
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a": "old"}


def test_a_link_is_replaced_and_a_file_keeps_its_rights(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "real").chmod(0o600)
    (tmp_path / "link").symlink_to("real")
    for name in ("real", "link"):
        with draft(tmp_path / name) as part:
            part.write_text(f"new {name}")
    assert not (tmp_path / "link").is_symlink()
    assert (tmp_path / "link").read_text() == "new link"
    assert (tmp_path / "real").read_text() == "new real"
    assert (tmp_path / "real").stat().st_mode & 0o777 == 0o600


def test_what_is_no_file_is_written_itself(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with draft(tmp_path / "pipe") as part:
        assert part == tmp_path / "pipe"
    assert (tmp_path / "pipe").is_fifo()
