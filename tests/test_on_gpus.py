"""On a real GPU, wherever there is one: `make test-gpu`. Elsewhere each of these is skipped, and says why."""

import contextlib
import shutil
from pathlib import Path

import pytest
import torch

from grader.errors import GraderError
from grader.examine import lending
from grader.examine.engine import DockerLauncher
from grader.examine.gpus import Lent
from grader.examine.local import LocalLauncher
from grader.examine.pool import Pool, Task, WorkerSetup
from grader.examine.slots import Slots
from grader.labs import Course, LimitSpec
from grader.model import Ending, Student, Submission

pytestmark = pytest.mark.gpu
ROOT = Path(__file__).parents[1]
LIMITS = LimitSpec(call_seconds=120, memory_mb=4096, scratch_mb=64)
WAYS = ["local", pytest.param("warm", marks=pytest.mark.docker), pytest.param("container", marks=pytest.mark.docker)]
TRAINING = {
    "lab3_classifier": ("train_classifier", "train_points"),
    "lab4_gan": ("train_gan",),
    "lab5_cnn": ("train_cnn", "train_autoencoder"),
}
ON_THE_GPU = """

import functools
import torch

def _on_the_gpu(train):
    @functools.wraps(train)
    def run(*args, **kwargs):
        moved = [each.to(DEVICE) if isinstance(each, torch.Tensor) else each for each in args]
        named = {name: each.to(DEVICE) if isinstance(each, torch.Tensor) else each for name, each in kwargs.items()}
        with torch.device(DEVICE):
            made = train(*moved, **named)
        for each in made if isinstance(made, tuple) else (made,):
            if isinstance(each, torch.nn.Module):
                each.cpu()
        return made
    return run

DEVICE = "cuda"
"""
"""What follows a solution, and `name = _on_the_gpu(name)` for each function that trains: as a student would do it."""


def launcher_of(way, image, lent=None):
    if way == "local":
        return LocalLauncher(own=True, lent=lent)
    return DockerLauncher(image, LIMITS, way, lent)


@pytest.fixture(params=WAYS)
def way(request):
    """(launcher, isolation, image) of a way to grade."""
    image = "" if request.param == "local" else request.getfixturevalue("docker_image")
    return request.param, image


@pytest.fixture
def gpus(way):
    """The GPUs that can be lent; without any the test is skipped."""
    if torch.version.cuda is None:
        pytest.skip("this torch is built without CUDA")
    try:
        found = launcher_of(*way).gpus()
    except GraderError as error:
        pytest.skip(str(error))
    if not found.gpus:
        pytest.skip(f"no GPU can be lent: {found.why or '; '.join(found.failed) or 'none is listed'}")
    return found.gpus


@pytest.fixture
def slots(way, gpus):
    """Slots that have the first GPU."""
    with Slots(launcher_of(*way, Lent(gpus[0])), fresh=way[0] == "container") as opened:
        yield opened


@pytest.fixture
def on_gpu(slots, talk_in, gpus):
    """Begins a session that has the GPU, and ends the one before: `on_gpu("def f(): …")`."""
    last = []

    def begin(source):
        if last:
            last.pop().stop()
        slot, _ = slots.take()
        limits = {"gpu": Lent(gpus[0]).limit, "memory_bytes": 6 * 2**30}
        last.append(talk_in(slot)("import torch\n" + source, **limits))
        return last[-1]

    return begin


def test_a_session_computes_on_the_gpu_it_was_lent_and_sees_no_other(on_gpu, slots, gpus):
    one = on_gpu(
        "def seen(): return [torch.cuda.is_available(), torch.cuda.device_count(), torch.cuda.get_device_name(0)]\n"
        "def product(x): return (x.cuda() @ x.cuda().T)\n"
    )
    assert one.call("seen") == [True, 1, gpus[0].name]
    x = torch.arange(12.0).reshape(3, 4)
    assert torch.equal(one.call("product", x), x @ x.T)
    one.stop()
    assert gpus[0].uuid in slots.open().facts.device


def test_settings_under_which_a_gpu_computes_the_same_twice_are_in_force(on_gpu):
    one = on_gpu(
        "import os\n"
        "def f(): return [torch.are_deterministic_algorithms_enabled(), torch.backends.cudnn.benchmark,\n"
        "    torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32,\n"
        "    os.environ['CUBLAS_WORKSPACE_CONFIG']]\n"
    )
    assert one.call("f") == [True, False, False, False, ":4096:8"]


TRAINS = """
def train(seed):
    torch.manual_seed(seed)
    with torch.device("cuda"):
        layers = torch.nn.Conv2d(1, 8, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(8 * 26 * 26, 10)
        net = torch.nn.Sequential(*layers)
        x, y = torch.randn(256, 1, 28, 28), torch.randint(10, (256,))
        step = torch.optim.Adam(net.parameters())
        for _ in range(50):
            step.zero_grad()
            torch.nn.functional.cross_entropy(net(x), y).backward()
            step.step()
    return torch.cat([each.flatten() for each in net.parameters()])
"""


def test_a_training_comes_to_the_same_numbers_in_another_session(on_gpu):
    first, second = (on_gpu(TRAINS).call("train", 7) for _ in range(2))
    assert torch.equal(first, second)
    assert not torch.equal(first, on_gpu(TRAINS).call("train", 8))


def test_what_a_session_leaves_in_memory_the_next_one_does_not_find(on_gpu, gpus):
    """The driver is to clear memory that another process had. Nearly all is filled: which of it comes back is open."""
    looks = (
        "def take():\n"
        "    torch.use_deterministic_algorithms(False)\n"  # else fresh memory is filled
        "    left, part = torch.cuda.mem_get_info()[0] - 2**30, 2**26\n"
        "    return [torch.empty(part, dtype=torch.int32, device='cuda') for _ in range(left // (4 * part))]\n"
        "def fill():\n"
        "    global kept\n"
        "    kept = [each.fill_(123456789) for each in take()]\n"
        "    return 4 * sum(each.numel() for each in kept)\n"
        "def look():\n"
        "    return sum(int((each == 123456789).sum()) for each in take())\n"
    )
    total = gpus[0].memory
    assert on_gpu(looks).call("fill") > 0.9 * total - 2 * 2**30
    assert on_gpu(looks).call("look") == 0


def test_memory_is_back_when_a_session_has_ended_and_was_taken_meanwhile(on_gpu, slots, gpus):
    one = on_gpu("def fill():\n    global kept\n    kept = torch.zeros(2**28, dtype=torch.int32, device='cuda')\n")
    one.call("fill")
    one.stop()
    slot = slots.open()
    assert lending.is_free(slot, Lent(gpus[0]))


def test_memory_that_others_hold_is_seen(on_gpu, slots, way, gpus):
    if way[0] == "container":
        pytest.skip("its slot serves one session")
    one = on_gpu("def fill():\n    global kept\n    kept = torch.zeros(2**28, dtype=torch.int32, device='cuda')\n")
    one.call("fill")
    with contextlib.closing(launcher_of(*way, Lent(gpus[0])).open()) as other:
        assert lending.used(other, Lent(gpus[0])) > gpus[0].used + lending.TOLERANCE


def test_what_spoils_cuda_in_one_session_spoils_no_other(on_gpu):
    bad = on_gpu("def f(): return torch.zeros(4, device='cuda')[torch.tensor([9], device='cuda')]\n").call("f")
    assert bad.text.startswith("CUDA error: ")
    assert on_gpu("def f(): return float(torch.ones(3, device='cuda').sum())\n").call("f") == 3


def test_more_memory_than_there_is_is_the_sessions_own_and_spoils_nothing(on_gpu):
    one = on_gpu("def f(n): return float(torch.ones(n, device='cuda').sum())\n")
    assert "out of memory" in one.call("f", 2**42).text
    assert one.call("f", 3) == 3


def test_a_gpu_that_is_shared_is_given_out_in_parts(way, gpus, talk_in):
    with Slots(launcher_of(*way, Lent(gpus[0], 4))) as slots:
        slot, _ = slots.take()
        one = talk_in(slot)(
            "import torch\ndef f(n): return float(torch.ones(n, dtype=torch.uint8, device='cuda').sum())\n",
            gpu=Lent(gpus[0], 4).limit,
            memory_bytes=6 * 2**30,
        )
        assert "out of memory" in one.call("f", gpus[0].memory // 3).text
        one.stop()


@pytest.mark.parametrize("name", TRAINING)
def test_a_lab_is_graded_on_a_gpu_from_end_to_end(way, gpus, name, tmp_path):
    kind, image = way
    for half in ("assignments", "reference"):
        shutil.copytree(ROOT / half / name, tmp_path / half / name)
    settings = tmp_path / "assignments" / name / "lab.toml"
    settings.write_text(f'gpu = "required"\n{settings.read_text()}'.replace('gpu = "none"\n', ""))
    lab = Course(tmp_path).lab(name)
    moved = "".join(f"{train} = _on_the_gpu({train})\n" for train in TRAINING[name])
    source = lab.solution.read_bytes() + (ON_THE_GPU + moved).encode()
    submission = Submission(Student("ada", "Ada"), name, {f"{name}.py": source}, f"{name}.py", "0" * 64, "a test")
    launcher, isolation = ("local", "warm") if kind == "local" else ("docker", kind)
    setup = WorkerSetup(tmp_path, name, "hidden", launcher, isolation, image, "digits", own=True, gpus=gpus[:1])
    with Pool(setup, 1) as pool:
        ((_, run),) = pool.run([Task(submission)])
    assert (run.ending, run.fault) == (Ending.COMPLETED, "")
    assert run.score >= 90, [check.message for check in run.checks]
    assert gpus[0].uuid in run.sandbox.device
