import subprocess
import sys
import threading
from dataclasses import replace

import pytest
import torch

from grader import datasets, judge
from grader.errors import JudgeUnfit


@pytest.fixture(scope="module")
def digits():
    return datasets.load("digits", None)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A cache of the test's own, and nothing kept in the process."""
    monkeypatch.setenv("GRADER_CACHE", str(tmp_path / "cache"))
    judge.judge_for.cache_clear()
    yield tmp_path / "cache"
    judge.judge_for.cache_clear()


@pytest.fixture
def hasty(monkeypatch):
    """Trained for a moment, any accuracy will do."""
    monkeypatch.setattr(judge, "_STEPS", 5)
    monkeypatch.setattr(judge, "FLOOR", 0)


def again(digits):
    """As another process would get it."""
    judge.judge_for.cache_clear()
    return judge.judge_for(digits)


def test_the_judge_recognises_held_out_digits_and_is_undecided_about_noise(digits):
    found = judge.judge_for(digits)
    images = digits.test_images.flatten(1).float() / 255
    probabilities = found.probabilities(images)
    assert probabilities.shape == (597, 10)
    assert probabilities.sum(dim=1).allclose(torch.ones(597))
    right = (probabilities.argmax(dim=1) == digits.test_labels).float().mean()
    assert found.accuracy == pytest.approx(float(right))
    assert found.accuracy >= 0.98
    assert found.features(images).shape == (597, 64)
    noise = torch.rand(500, 784, generator=torch.Generator().manual_seed(0))
    assert found.probabilities(noise).max() < 0.3
    assert not probabilities.requires_grad


def test_many_images_at_once_are_judged_like_a_few(digits):
    found, images = judge.judge_for(digits), digits.train_images.flatten(1).float() / 255
    assert found.features(images)[1100:].allclose(found.features(images[1100:]), atol=1e-4)


@pytest.fixture
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("folder", "hasty", "two_threads")
def test_training_is_repeatable_and_leaves_generators_and_threads_as_they_were(digits, monkeypatch):
    monkeypatch.setattr(judge, "_keep", lambda *_: None)
    first = judge.judge_for(digits)
    torch.manual_seed(5)
    state = torch.get_rng_state()
    second = again(digits)
    assert first is not second
    assert torch.equal(first.head.weight, second.head.weight)
    assert torch.equal(state, torch.get_rng_state())
    assert torch.get_num_threads() == 2


@pytest.mark.usefixtures("hasty")
def test_a_judge_is_trained_once_and_then_comes_from_the_cache(digits, folder, monkeypatch):
    first = judge.judge_for(digits)
    assert judge.judge_for(digits) is first
    assert len(list(folder.iterdir())) == 1
    monkeypatch.setattr(judge, "_train", lambda *_: pytest.fail("trained again"))
    second = again(digits)
    assert second.accuracy == first.accuracy
    for old, new in zip(
        [*first.body.parameters(), first.head.weight], [*second.body.parameters(), second.head.weight], strict=True
    ):
        assert torch.equal(old, new)


def shortened(content):
    return content[:1000]


def with_one_bit_changed(content):
    return content[:5000] + bytes([content[5000] ^ 1]) + content[5001:]


def emptied(content):
    return b""


@pytest.mark.parametrize("damaged", [shortened, with_one_bit_changed, emptied])
@pytest.mark.usefixtures("hasty")
def test_a_damaged_cache_is_made_again(digits, folder, damaged):
    first = judge.judge_for(digits)
    (file,) = folder.iterdir()
    sound = file.read_bytes()
    file.write_bytes(damaged(sound))
    second = again(digits)
    assert torch.equal(first.head.weight, second.head.weight)
    assert file.read_bytes() == sound


@pytest.mark.usefixtures("hasty")
def test_a_folder_that_cannot_be_written_stops_nobody(digits, tmp_path, folder, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("GRADER_CACHE", str(tmp_path / "file" / "cache"))
    assert judge.judge_for(digits).features(torch.zeros(2, 784)).shape == (2, 64)
    assert not folder.exists()


@pytest.mark.usefixtures("hasty")
def test_other_images_labels_or_held_out_images_need_another_judge(digits, folder):
    judge.judge_for(digits)
    judge.judge_for(replace(digits, train_images=digits.train_images.flip(1)))
    judge.judge_for(replace(digits, train_labels=9 - digits.train_labels))
    judge.judge_for(replace(digits, test_images=digits.test_images.flip(1)))
    assert len(list(folder.iterdir())) == 4


@pytest.mark.usefixtures("folder")
def test_a_judge_that_recognises_too_little_says_what_to_do(digits, monkeypatch):
    monkeypatch.setattr(judge, "_STEPS", 2)
    with pytest.raises(JudgeUnfit) as caught:
        judge.judge_for(digits)
    text = str(caught.value)
    assert "% of the held-out images of “digits” and must recognise 97%." in text
    assert text.endswith("download them again, or use --dataset digits.")


PROCESS = """
import sys
import torch
from grader import datasets, judge
judge._STEPS, judge.FLOOR = 5, 0
print("ready", flush=True)
sys.stdin.readline()
found = judge.judge_for(datasets.load("digits", None))
print(float(found.head.weight.sum()), found.accuracy)
"""


def test_processes_that_start_together_get_the_same_judge(folder):
    processes = [
        subprocess.Popen([sys.executable, "-c", PROCESS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    said = [None, None]

    def go(number):
        said[number] = processes[number].communicate("go\n")[0]

    threads = [threading.Thread(target=go, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said[0] == said[1] != ""
    assert [process.returncode for process in processes] == [0, 0]
    assert len(list(folder.iterdir())) == 1


def test_the_cache_is_the_users_unless_the_environment_names_another(monkeypatch):
    monkeypatch.setenv("GRADER_CACHE", "/elsewhere")
    assert str(judge.cache_folder()) == "/elsewhere"
    monkeypatch.delenv("GRADER_CACHE")
    assert judge.cache_folder().name == "torch-lab-grader"
