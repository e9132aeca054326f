"""How a driver begins with its GPU, with the functions of CUDA that need one put aside."""

import os

import pytest
import torch

from sandbox import cuda
from sandbox.driver import Driver
from sandbox.folder import Folder
from sandbox.protocol import messages
from sandbox.protocol.messages import Gpu
from sandbox.raising import TEXT_MOST


@pytest.fixture
def called(monkeypatch):
    """What CUDA was called with, in order; what was set is undone afterwards."""
    seen, arange = [], torch.arange
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", "")
    names = ("CUDA_VISIBLE_DEVICES", "CUBLAS_WORKSPACE_CONFIG")
    monkeypatch.setattr(torch.cuda, "init", lambda: seen.append([os.environ[name] for name in names]))
    monkeypatch.setattr(torch.cuda, "set_per_process_memory_fraction", seen.append)
    monkeypatch.setattr(torch.cuda, "synchronize", lambda: seen.append("synchronized"))
    monkeypatch.setattr(torch, "arange", lambda end, device: arange(end) if device == "cuda" else None)
    flags = torch.backends.cudnn, torch.backends.cuda.matmul
    before = [each.allow_tf32 for each in flags]
    for each in flags:
        each.allow_tf32 = True
    torch.backends.cudnn.benchmark = True
    yield seen
    torch.backends.cudnn.benchmark = False
    for each, value in zip(flags, before, strict=True):
        each.allow_tf32 = value
    torch.use_deterministic_algorithms(mode=False)


def test_cuda_starts_on_the_gpu_that_was_lent_set_so_that_it_computes_the_same_twice(called):
    cuda.begin(Gpu("GPU-5a1b", 1.0))
    assert called == [["GPU-5a1b", ":4096:8"]], "what CUDA reads when it starts is set before, and nothing is bounded"
    assert torch.are_deterministic_algorithms_enabled()
    assert torch.is_deterministic_algorithms_warn_only_enabled()
    assert not torch.backends.cudnn.benchmark
    assert not torch.backends.cudnn.allow_tf32
    assert not torch.backends.cuda.matmul.allow_tf32


def test_who_shares_a_gpu_gets_a_part_of_its_memory(called):
    cuda.begin(Gpu("GPU-5a1b", 0.25))
    assert called[1:] == [0.25]


def test_a_gpu_that_computes_nonsense_is_found_out(called, monkeypatch):
    monkeypatch.setattr(torch, "arange", lambda end, device: torch.full((4,), 2.0))
    with pytest.raises(RuntimeError, match=r"the GPU adds 0 to 3 up to 8\.0"):
        cuda.begin(Gpu("GPU-5a1b", 1.0))


@pytest.mark.parametrize("in_use", [True, False])
def test_an_answer_waits_for_a_gpu_that_is_in_use(called, monkeypatch, in_use):
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: in_use)
    cuda.finish()
    assert called == (["synchronized"] if in_use else [])


def test_what_cuda_complains_of_is_told_in_a_line_where_something_else_is_raised(monkeypatch):
    assert cuda.trouble() == ""

    def complain():
        raise RuntimeError("CUDA error: device-side assert triggered\nCompile with more.")

    monkeypatch.setattr(cuda, "finish", complain)
    assert cuda.trouble() == "CUDA error: device-side assert triggered"


def test_an_exception_in_own_words_does_not_hide_that_cuda_is_spoilt(monkeypatch, tmp_path):
    line = "CUDA error: an illegal memory access was encountered"
    monkeypatch.setattr(cuda, "trouble", lambda: line)
    driver = Driver(Folder(tmp_path))

    def told(text):
        def work():
            raise ValueError(text)

        frame = driver._guarded(1, work)
        return messages.decode(messages.from_driver, frame.head).text

    assert told("training failed") == f"training failed\n{line}"
    assert told(f"{line}\nCompile with more.") == f"{line}\nCompile with more."
    assert told("x" * 5000).endswith(f"…\n{line}")
    assert len(told("x" * 5000)) == TEXT_MOST
