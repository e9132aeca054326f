"""How a driver begins with its GPU, with the functions of CUDA that need one put aside."""

import os

import pytest
import torch

from sandbox import cuda
from sandbox.protocol.messages import Gpu


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
