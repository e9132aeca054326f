"""Which GPUs are lent, decided from what was found; and what a submission says that a GPU's failing would explain."""

import pytest

from grader.errors import GpuUnavailable, SetupError
from grader.examine.gpus import (
    Found,
    Lending,
    Lent,
    Wanted,
    available,
    choose,
    found,
    is_spoilt,
    lend,
    may_be_ours,
)
from sandbox.devices import Device, Failed, Listing
from sandbox.protocol.messages import Gpu, Raised


@pytest.fixture
def four(gpu):
    """Two GPUs, and two instances of a third."""
    instances = (gpu("2:0", "MIG-aaaa", used=0), gpu("2:1", "MIG-bbbb", used=0))
    return Found((gpu("0", "GPU-5a1b", used=0), gpu("1", "GPU-5a9c", used=0), *instances))


def free(_gpu):
    """Nobody else lends it."""
    return ""


def lent(which, here, hold=free):
    """What a lab is lent by an operator who wants some."""
    wanted = Wanted(which)
    return lend("lab", "required", wanted, lambda: available(wanted.named, here, hold))


def never():
    pytest.fail("nobody needs to look for GPUs")


def test_what_is_listed_is_what_can_be_lent_and_what_fails_is_told(gpu):
    listing = Listing(
        "570.86",
        [Device("0", "GPU-5a1b", "NVIDIA H100", 80 * 2**30, 2**30, ["/dev/nvidia0"])],
        [Failed("1", "GPU is lost")],
    )
    assert found(listing) == Found((gpu(nodes=("/dev/nvidia0",)),), ("GPU 1 cannot be used: GPU is lost",))
    assert found(Listing(trouble="there is no driver")) == Found(why="there is no driver")


@pytest.mark.parametrize(
    ("words", "chosen"),
    [
        ("0", ["GPU-5a1b"]),
        ("1, 0", ["GPU-5a9c", "GPU-5a1b"]),
        ("GPU-5a9c", ["GPU-5a9c"]),
        ("gpu-5A9", ["GPU-5a9c"]),
        ("2:1,MIG-a", ["MIG-bbbb", "MIG-aaaa"]),
    ],
)
def test_gpus_are_named_by_numbers_and_by_uuids_or_their_beginnings(four, words, chosen):
    assert [gpu.uuid for gpu in choose(Wanted(words).named, four)] == chosen


def test_a_whole_uuid_names_its_gpu_though_another_ones_begins_with_it(gpu):
    here = Found((gpu("0", "GPU-5"), gpu("1", "GPU-55")))
    assert [gpu.index for gpu in choose(["GPU-5"], here)] == ["0"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("7", "There is no GPU 7 to lend. There are: 0 (NVIDIA H100, GPU-5a1b), 1 (NVIDIA H100, GPU-5a9c), "),
        ("GPU-ff", "There is no GPU GPU-ff to lend. There are: 0 "),
        ("0,GPU-5a1b", "--gpus names GPU 0 (NVIDIA H100, GPU-5a1b) twice: as 0 and as GPU-5a1b. Name it once."),
        (
            "GPU-5a",
            "Several GPUs' UUIDs begin with GPU-5a: 0 (NVIDIA H100, GPU-5a1b), 1 (NVIDIA H100, GPU-5a9c). Write",
        ),
        (
            "2",
            "GPU 2 is split into instances. Name those that are meant: 2:0 (NVIDIA H100, MIG-aaaa), 2:1 (NVIDIA H100",
        ),
    ],
)
def test_a_gpu_that_cannot_be_told_is_said_in_a_sentence(four, words, sentence):
    with pytest.raises(GpuUnavailable) as caught:
        choose(Wanted(words).named, four)
    assert str(caught.value).startswith(sentence)


def test_where_there_is_none_a_named_one_says_why():
    with pytest.raises(GpuUnavailable, match=r"^There is no GPU 0 to lend. There is none \(there is no driver\).$"):
        choose(["0"], Found(why="there is no driver"))


@pytest.mark.parametrize("words", ["", ",", "0,", "0,all", "none,auto"])
@pytest.mark.parametrize("need", ["none", "optional", "required"])
def test_what_is_no_list_is_said_whatever_the_lab_asks_for(words, need):
    with pytest.raises(SetupError, match=r"is no list of GPUs\. Say none, auto or all; or numbers or UUIDs"):
        lend("lab", need, Wanted(words), never)


@pytest.mark.parametrize(
    ("which", "notes"),
    [
        ("auto", ()),
        ("none", ()),
        ("all", ("The lab lab asks for no GPU (gpu in lab.toml), so --gpus all lends it none.",)),
        ("0", ("The lab lab asks for no GPU (gpu in lab.toml), so --gpus 0 lends it none.",)),
    ],
)
def test_a_lab_that_asks_for_none_is_lent_none_and_nobody_looks_for_any(which, notes):
    assert lend("lab", "none", Wanted(which), never) == Lending(notes=notes)


@pytest.mark.parametrize("need", ["optional", "required"])
@pytest.mark.parametrize("which", ["auto", "all"])
def test_a_lab_that_asks_for_one_is_lent_all_there_are(four, need, which):
    assert lend("lab", need, Wanted(which), lambda: four) == Lending(four.gpus)


def test_a_lab_that_would_use_one_runs_without_and_that_is_said():
    given = lend("lab", "optional", Wanted(), lambda: Found(why="there is no driver"))
    told = "No GPU can be lent, so the lab lab, which would use one, runs on the CPU: there is no driver."
    assert given == Lending(notes=(told,))


def test_an_operator_who_wants_none_to_be_lent_is_told_nothing():
    assert lend("lab", "optional", Wanted("none"), never) == Lending()


@pytest.mark.parametrize(
    ("which", "here", "why"),
    [
        ("auto", Found(why="there is no driver"), "there is no driver"),
        ("all", Found(failed=("GPU 0 cannot be used: GPU is lost",)), "GPU 0 cannot be used: GPU is lost"),
        ("auto", Found(), "NVIDIA's driver lists none"),
        ("none", Found(), "--gpus none lets none be lent"),
    ],
)
def test_a_lab_that_needs_one_is_not_graded_without(which, here, why):
    with pytest.raises(GpuUnavailable) as caught:
        lend("lab", "required", Wanted(which), lambda: here)
    begun = f"The lab lab needs a GPU (gpu in lab.toml), and none can be lent: {why}. Nothing was graded."
    assert str(caught.value).startswith(begun)


def test_an_operator_who_wants_all_and_has_none_is_told():
    with pytest.raises(GpuUnavailable, match="--gpus all: there is no GPU to lend: there is no driver"):
        lend("lab", "optional", Wanted("all"), lambda: Found(why="there is no driver"))


def test_one_that_fails_is_told_though_others_are_lent(four):
    here = Found(four.gpus, ("GPU 3 cannot be used: GPU is lost",))
    assert lent("0", here).notes == ("GPU 3 cannot be used: GPU is lost.",)


@pytest.mark.parametrize("which", ["auto", "all"])
def test_one_that_somebody_else_uses_is_left_to_them_and_that_is_told(gpu, which):
    here = Found((gpu(used=3 * 2**30), gpu("1", "GPU-5a9c")))
    given = lent(which, here)
    assert given.gpus == here.gpus[1:]
    (note,) = given.notes
    assert note.startswith("3.0 GiB of GPU 0 (NVIDIA H100, GPU-5a1b) are in use by others, so it is left to them; ask")
    with pytest.raises(GpuUnavailable, match=r"none can be lent: 3\.0 GiB of GPU 0 .* or name it \(--gpus 0\)"):
        lent(which, Found(here.gpus[:1]))


def test_one_that_somebody_else_uses_is_lent_where_it_is_named_and_on_a_students_machine(gpu):
    here = Found((gpu(used=3 * 2**30),))
    for given in (lent("0", here), lend("lab", "optional", Wanted(), lambda: here)):
        assert given.gpus == here.gpus
        assert given.notes[0].startswith("3.0 GiB of GPU 0 (NVIDIA H100, GPU-5a1b) are in use already.")


def test_one_that_another_grader_lends_is_lent_by_nobody_else(four):
    def hold(gpu):
        return "" if gpu.index == "0" else f"GPU {gpu} is lent by another grader (process 7)"

    given = lent("auto", four, hold)
    assert given.gpus == four.gpus[:1]
    assert given.notes[0] == "GPU 1 (NVIDIA H100, GPU-5a9c) is lent by another grader (process 7)."
    assert lent("0", four, hold).gpus == four.gpus[:1]
    with pytest.raises(GpuUnavailable, match=r"^--gpus: GPU 1 .* is lent by another grader \(process 7\)\. Wait"):
        lent("0,1", four, hold)


def test_sharing_is_warned_of(four):
    given = lend("lab", "optional", Wanted(share=3), lambda: four)
    assert (given.share, len(given.notes)) == (3, 1)
    assert given.notes[0].startswith("--gpu-share 3: 3 submissions share a GPU. Nothing but the driver keeps")


def test_the_record_says_where_a_submission_ran_in_few_words(gpu):
    assert Lent(gpu()).place("2.15.0+cu132") == "NVIDIA H100 GPU-5a1b, driver 570.86, torch 2.15.0+cu132"
    assert Lent(gpu(), 2).place("2").endswith("torch 2, shared by 2")
    assert len(Lent(gpu(name="x" * 999, uuid="y" * 999, driver="z" * 999)).place("t" * 999)) < 300


def test_a_session_may_use_its_share(gpu):
    assert Lent(gpu()).limit == Gpu("GPU-5a1b", 1.0)
    assert Lent(gpu(), 4).limit == Gpu("GPU-5a1b", 0.25)


def raised(text, kind="AcceleratorError"):
    return Raised(1, kind, text)


@pytest.mark.parametrize(
    "text",
    [
        "CUDA error: uncorrectable ECC error encountered",
        "CUDA error: CUDA-capable device(s) is/are busy or unavailable",
        "CUDA error: no CUDA-capable device is detected",
        "CUDA driver initialization failed, you might not have a CUDA gpu.",
        "CUDA error: unknown error",
        "CUDA error: device lost",
        "No CUDA GPUs are available",
        "CUDA driver error: device lost",
        "cuDNN error: CUDNN_STATUS_EXECUTION_FAILED",
        "cuDNN error: CUDNN_STATUS_NOT_INITIALIZED",
        "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
        "cuFFT error: CUFFT_EXEC_FAILED",
        "cusolver error: CUSOLVER_STATUS_INTERNAL_ERROR, when calling `cusolverDnCreate(handle)`",
        "training failed\nCUDA error: unknown error",
    ],
)
def test_what_cuda_says_where_a_gpu_fails_may_be_ours(lent, text):
    assert may_be_ours(raised(text), lent())


@pytest.mark.parametrize(
    "text",
    [
        "CUDA error: device-side assert triggered",
        "CUDA error: an illegal memory access was encountered",
        "CUDA out of memory. Tried to allocate 200.00 GiB.",
        "Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu!",
        "index out of range",
        "unknown error",
        "initialization error: an uncorrectable mistake in the hardware stack error, Xid",
        "cuDNN error: CUDNN_STATUS_BAD_PARAM",
    ],
)
def test_what_a_program_does_to_itself_is_its_own(lent, text):
    assert not may_be_ours(raised(text), lent())


def test_memory_that_neighbours_may_have_taken_may_be_ours(lent):
    assert may_be_ours(raised("CUDA out of memory. Tried to allocate 200.00 GiB."), lent(2))


def test_only_what_leaves_cuda_unusable_spoils_a_process():
    assert is_spoilt(raised("CUDA error: device-side assert triggered"))
    assert is_spoilt(raised("CUDA driver error: an illegal memory access was encountered"))
    assert is_spoilt(raised("training failed\nCUDA error: an illegal memory access was encountered"))
    assert not is_spoilt(raised("CUDA out of memory. Tried to allocate 200.00 GiB.", "OutOfMemoryError"))
