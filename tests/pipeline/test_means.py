"""What a worker program grades with: GPUs among it."""

import shutil
from pathlib import Path

import pytest

from grader.errors import DatasetMissing, GpuUnavailable, InvalidLab
from grader.examine import holding
from grader.examine.gpus import Found, Gpu, Wanted
from grader.examine.pool import WorkerSetup
from grader.labs import Course
from grader.model import Need
from grader.pipeline.means import Means

TINY = Path(__file__).parents[1] / "courses" / "tiny"
GPUS = tuple(Gpu(str(number), f"GPU-{number}", "a GPU", 2**30, 0, "1") for number in range(2))
ONLY_GPU, BOTH = frozenset({Need.GPU}), frozenset(Need)


@pytest.fixture
def course(tmp_path):
    return Course(Path(shutil.copytree(TINY, tmp_path / "course")))


@pytest.fixture
def found(monkeypatch):
    """How often GPUs were looked for; there are two."""
    looks = []

    def find(setup):
        looks.append(setup.lab)
        return Found(GPUS)

    monkeypatch.setattr(WorkerSetup, "find_gpus", find)
    return looks


def test_gpus_of_a_setup_are_held_and_those_of_another_grader_are_left_out(course, found, monkeypatch):
    held = []

    def hold(gpu):
        held.append(gpu.index)
        return f"GPU {gpu} is lent by another grader" if gpu.index == "0" else ""

    monkeypatch.setattr(holding, "hold", hold)
    settings = course.root / "assignments" / "double" / "lab.toml"
    settings.write_text('gpu = "required"\n' + settings.read_text())
    setup = means(course).setup("double", Need.GPU)
    assert (setup.gpus, held) == (GPUS[1:], ["0", "1"])
    assert setup.notes == ("GPU 0 (a GPU, GPU-0) is lent by another grader.",)
    with pytest.raises(GpuUnavailable, match="is lent by another grader"):
        means(course, "0").setup("double", Need.GPU)


def test_gpus_that_are_left_out_are_not_counted(course, monkeypatch):
    """Of three one is busy, and another grader has one."""
    busy = Gpu("2", "GPU-2", "a GPU", 80 * 2**30, 3 * 2**30, "1")
    monkeypatch.setattr(WorkerSetup, "find_gpus", lambda _: Found((*GPUS, busy)))
    monkeypatch.setattr(holding, "hold", lambda gpu: f"GPU {gpu} is another's" if gpu.index == "0" else "")
    settings = course.root / "assignments" / "double" / "lab.toml"
    settings.write_text('gpu = "required"\n' + settings.read_text())
    one = means(course)
    assert one.at_once(ONLY_GPU, 8) == 1
    assert one.setup("double", Need.GPU).gpus == GPUS[1:]
    monkeypatch.setattr(holding, "hold", lambda gpu: f"GPU {gpu} is another's")
    assert one.setup("double", Need.GPU).gpus == GPUS[1:]
    with pytest.raises(GpuUnavailable, match=r"^The queue gpu cannot be served: .* is another's; .* are in use by"):
        means(course).at_once(BOTH, 8)


def means(course, which="auto", share=1):
    return Means(course, "local", "warm", "digits", None, Wanted(which, share))


@pytest.mark.parametrize(
    ("needs", "which", "share", "jobs", "slots"),
    [
        (ONLY_GPU, "auto", 1, 8, 2),
        (ONLY_GPU, "auto", 1, 1, 1),
        (ONLY_GPU, "1", 3, 8, 3),
        (BOTH, "auto", 1, 8, 2),
    ],
)
def test_what_serves_gpus_has_no_more_at_once_than_can_have_one(found, course, needs, which, share, jobs, slots):
    assert means(course, which, share).at_once(needs, jobs) == slots


def test_what_serves_no_gpus_looks_for_none(found, course):
    assert means(course).at_once(frozenset({Need.CPU}), 8) == 8
    means(course).setup("double", Need.GPU)
    assert found == []


def test_gpus_are_looked_for_once_before_any_is_lent(found, course):
    lab = course.root / "assignments" / "double" / "lab.toml"
    lab.write_text(lab.read_text().replace("points = 10", 'points = 10\ngpu = "required"'))
    one = means(course, "1,0")
    assert one.at_once(ONLY_GPU, 8) == 2
    assert [one.setup("double", Need.GPU).gpus for _ in range(2)] == [(GPUS[1], GPUS[0])] * 2
    assert found == ["double"]


def test_a_class_that_is_asked_of_cpus_is_lent_no_gpu_where_there_is_one(found, course):
    lab = course.root / "assignments" / "double" / "lab.toml"
    lab.write_text(lab.read_text().replace("points = 10", 'points = 10\ngpu = "optional"'))
    setups = [means(course).setup("double", need) for need in Need]
    assert [len(setup.gpus) for setup in setups] == [0, 2]
    assert setups[0].notes == ()


@pytest.mark.parametrize(("which", "why"), [("auto", "no driver of NVIDIA is here"), ("none", "--gpus none")])
def test_without_a_gpu_the_queue_gpu_cannot_be_served(monkeypatch, course, which, why):
    monkeypatch.setattr(WorkerSetup, "find_gpus", lambda _: Found(why="no driver of NVIDIA is here"))
    with pytest.raises(GpuUnavailable, match=rf"The queue gpu cannot be served: .* \({why}\)"):
        means(course, which).at_once(BOTH, 8)


def test_a_lab_that_needs_a_gpu_does_not_hide_what_the_others_are_graded_with(monkeypatch, course):
    lab = course.root / "assignments" / "double" / "lab.toml"
    lab.write_text(lab.read_text().replace("points = 10", 'points = 10\ngpu = "required"'))
    monkeypatch.setattr(WorkerSetup, "find_gpus", lambda _: Found())
    one = means(course)
    assert one.identity().startswith("local:")
    with pytest.raises(GpuUnavailable):
        one.setup("double", Need.GPU)


def test_a_course_without_hidden_suites_is_none_to_grade_by(tmp_path):
    with pytest.raises(InvalidLab, match=r"No lab in .* can be graded"):
        means(Course(tmp_path)).identity()


def test_digits_have_to_be_there_where_a_lab_asks_for_them(course, tmp_path):
    """A worker of a course with Fashion-MNIST alone has a folder without MNIST."""
    lab = course.root / "assignments" / "double" / "lab.toml"
    one = Means(course, "local", "warm", "auto", tmp_path)
    assert one.digits() == "none"
    lab.write_text('dataset = "digits28"\n' + lab.read_text())
    with pytest.raises(DatasetMissing, match=r"holds no MNIST/raw"):
        one.digits()
    assert means(course).digits() == "digits"
