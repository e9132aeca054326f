"""The hostile class is graded once per mode, whichever of the processes that run tests comes first."""

import fcntl
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from battle import Battle, Graded

collect_ignore = ["cases"]  # what is graded, not tests


@pytest.fixture(scope="session")
def battle(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, common: Path
) -> Callable[..., Graded]:
    """`battle(mode)`: what came of the hostile class in that mode; `battle(mode, kind)`: of a class of another kind."""

    def once(mode: str, kind: type[Battle] = Battle) -> Graded:
        request.getfixturevalue("local_slot" if mode == "local" else "docker_image")  # never without namespaces
        name = f"hostile-{kind.__name__}-{mode}"
        kept = common / f"{name}.json"
        with (common / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not kept.exists():
                kept.write_bytes(msgspec.json.encode(kind(mode, tmp_path_factory.mktemp(name)).grade()))
            return msgspec.json.decode(kept.read_bytes(), type=Graded)

    return once
