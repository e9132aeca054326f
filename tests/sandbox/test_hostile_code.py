"""Code that hangs, hoards, dies or lies. Each ends as declared, and the next session in the slot is as good as new."""

import pytest

from sandbox.protocol.messages import Ended, Imported, Raised

GOOD = "import torch\ndef f(x): return x + 1"


@pytest.fixture
def hostile(talk):
    """Begins a session with hostile code; good ones before and after it are answered."""
    assert talk(GOOD).call("f", 1) == 2
    talk.close()
    yield talk
    talk.close()
    after = talk(GOOD)
    assert after.call("f", 1) == 2
    assert after.stop() == ""


def test_a_loop_without_end_is_stopped_by_its_cpu_time(hostile):
    one = hostile("def f():\n    while True: pass")
    ended = one.call("f", cpu=0.3)
    assert (ended.cause, one.printed) == ("cpu", b"")
    assert 0.3 <= ended.cpu_seconds < 3


def test_an_import_that_loops_is_stopped_too(hostile):
    assert hostile("while True: pass", cpu=0.3).imported.cause == "cpu"


def test_sleeping_is_stopped_by_the_wall_clock(hostile):
    one = hostile("import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ndef f(): time.sleep(1000)")
    ended = one.call("f", wall=0.3)
    assert ended.cause == "wall"
    assert ended.cpu_seconds < 1


def test_cpu_time_of_children_counts_while_they_run_and_when_they_are_gone(hostile):
    one = hostile(
        "import os, time\n"
        "def burn():\n    until = time.process_time() + 0.2\n    while time.process_time() < until: pass\n"
        "def f():\n"
        "    while True:\n"
        "        child = os.fork()\n"
        "        if not child: burn(); os._exit(0)\n"
        "        os.waitpid(child, 0)\n"
        "def g():\n"
        "    child = os.fork()\n"
        "    if not child:\n"
        "        while True: pass\n"
        "    os.waitpid(child, 0)\n"
    )
    assert one.call("f", cpu=1.0).cause == "cpu"


def test_a_call_that_has_to_wait_for_a_processor_has_more_time(talk):
    one = talk(
        "import os, time\n"
        "def queued(): return int(open('/proc/self/schedstat').read().split()[1]) / 1e9\n"
        "def rival():\n"
        "    while time.process_time() < 10: pass\n"
        "def f():\n"
        "    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
        "    rivals = [os.fork() or (rival(), os._exit(0)) for _ in range(3)]\n"
        "    begun, before = time.monotonic(), queued()\n"
        "    while queued() < before + 1.0: pass\n"
        "    for each in rivals: os.kill(each, 9)\n"
        "    return time.monotonic() - begun\n"
    )
    assert one.call("f", wall=0.8) > 1.0


def test_cpu_time_of_children_that_nobody_waits_for_counts_in_a_container(hostile):
    one = hostile(
        "import os, signal, time\n"
        "def f():\n"
        "    signal.signal(signal.SIGCHLD, signal.SIG_IGN)\n"
        "    while True:\n"
        "        if not os.fork():\n"
        "            while time.process_time() < 0.03: pass\n"
        "            os._exit(0)\n"
        "        try: os.waitpid(-1, 0)\n"
        "        except ChildProcessError: pass\n"
    )
    ended = one.call("f", cpu=1.0, wall=20.0)
    if one.slot.facts.launcher == "docker":
        assert ended.cause == "cpu"
    else:
        assert ended.cause in {"cpu", "wall"}


def test_memory_that_one_process_wants_is_refused_with_its_line(hostile):
    one = hostile("import torch\ndef f():\n    return torch.ones(2**28, dtype=torch.float64)\ndef g(): return 1")
    raised = one.call("f")
    assert isinstance(raised, Raised)
    assert "line 3, in f" in raised.traceback
    assert one.call("g") == 1


def test_memory_that_many_processes_hold_together_ends_the_session(hostile):
    one = hostile(
        "import os, time\n"
        "def f():\n"
        "    for _ in range(8):\n"
        "        if not os.fork():\n"
        "            hoard = b'x' * 300_000_000\n"
        "            time.sleep(1000)\n"
        "    time.sleep(1000)\n",
        memory_bytes=512 * 2**20,
    )
    assert one.call("f").cause == "memory"


def test_what_workers_share_with_the_process_they_were_forked_from_counts_once_in_a_container(hostile):
    one = hostile(
        "import mmap, os, time\n"
        "def f():\n"
        "    data, common = b'x' * 200_000_000, mmap.mmap(-1, 50_000_000)\n"
        "    common.write(b'x' * 50_000_000)\n"
        "    workers = [os.fork() or (common[::4096], time.sleep(0.5), os._exit(0)) for _ in range(6)]\n"
        "    return [os.waitpid(each, 0)[1] for each in workers]\n",
        memory_bytes=512 * 2**20,
    )
    if one.slot.facts.launcher == "docker":
        assert one.call("f") == [0] * 6
    else:
        assert one.call("f").cause == "memory"  # there each counts for itself


def test_memory_of_another_program_counts_whole(hostile):
    one = hostile(
        "import subprocess, sys\n"
        "def f():\n"
        "    hoard = 'import time; x = bytes([120]) * 300_000_000; time.sleep(1000)'\n"
        "    for each in [subprocess.Popen([sys.executable, '-c', hoard]) for _ in range(2)]: each.wait()\n",
        memory_bytes=400 * 2**20,
    )
    if one.slot.facts.launcher == "docker":
        assert one.call("f").cause == "memory"
    else:
        assert one.call("f", wall=5.0).cause in {"memory", "wall"}  # there it counts less what the driver began with


def test_memory_shared_between_processes_counts_too(hostile):
    one = hostile(
        "import mmap, time\n"
        "def f():\n"
        "    hoard = mmap.mmap(-1, 2**32)\n"
        "    for _ in range(2**32 // 2**20): hoard.write(b'x' * 2**20)\n",
        memory_bytes=256 * 2**20,
    )
    assert one.call("f").cause == "memory"


def test_a_fork_bomb_stays_within_its_processes(hostile):
    one = hostile(
        "import os, time\n"
        "def f():\n"
        "    made = 0\n"
        "    while True:\n"
        "        try:\n"
        "            if not os.fork(): time.sleep(1000)\n"
        "        except BlockingIOError:\n"
        "            return made\n"
        "        made += 1\n",
        processes=20,
    )
    answer = one.call("f")
    if one.slot.facts.isolation == "plain":
        assert answer.cause == "signal"
    else:
        assert answer == 19


def test_a_bomb_that_multiplies_dies_with_its_session(hostile):
    one = hostile(
        "import os\ndef f():\n    while True:\n        try: os.fork()\n        except OSError: pass", processes=20
    )
    assert one.call("f", wall=1.0, cpu=1.0).cause in {"cpu", "wall", "signal"}


def test_a_child_that_leaves_its_process_group_dies_with_the_session(talk):
    one = talk(
        "import os, time\n"
        "def f():\n"
        "    if not os.fork():\n"
        "        os.setsid()\n"
        "        if os.fork(): os._exit(0)\n"
        "        while True:\n"
        "            print('alive', flush=True); time.sleep(0.01)\n"
        "    os.wait()\n"
        "    time.sleep(0.1)\n"
        "    return 1\n"
    )
    assert one.call("f") == 1
    assert "alive" in one.stop()
    seen = talk("import os\ndef f(): return [n for n in os.listdir('/proc') if n.isdigit()]").call("f")
    assert seen == ["1"]


@pytest.mark.parametrize(
    ("line", "cause", "status"),
    [
        ("os._exit(7)", "exited", 7),
        ("os._exit(0)", "exited", 0),
        ("ctypes.string_at(0)", "signal", 11),
        ("os.close(3); time.sleep(1000)", "protocol", 0),
        ("os.write(3, b'\\xff' * 64); time.sleep(1000)", "protocol", 0),
        ("os.write(3, b'\\x00' * 16); time.sleep(1000)", "protocol", 0),
        ("os.write(3, b'\\x02\\x00'); os._exit(0)", "exited", 0),
    ],
)
def test_how_a_driver_died_is_told(hostile, line, cause, status):
    one = hostile(f"import ctypes, os, time\ndef f():\n    print('last words', flush=True)\n    {line}")
    one.call("f")
    if one.ended is None:  # a forged frame may pass for the reply; what follows it does not
        one.call("f")
    assert isinstance(one.ended, Ended)
    assert (one.ended.cause, one.ended.status) == (cause, status)
    assert one.printed.startswith(b"last words\n")


def test_a_frame_that_claims_terabytes_takes_no_memory(hostile):
    one = hostile(
        "import os, struct, time\ndef f():\n    os.write(3, struct.pack('<II', 100, 2**32 - 1))\n    time.sleep(1000)"
    )
    ended = one.call("f")
    assert ended.cause == "protocol"
    assert "over the cap" in ended.detail


def test_an_answer_that_nobody_asked_for_ends_the_session(hostile):
    one = hostile(
        "import sandbox.driver\n"
        "from sandbox.protocol import messages\n"
        "send, forged = sandbox.driver._send, messages.frame(messages.Answer(2, 100))\n"
        "def send_two(connection, frame):\n"
        "    send(connection, frame)\n"
        "    send(connection, forged)\n"
        "def f():\n"
        "    sandbox.driver._send = send_two\n"
        "    return 1\n"
    )
    first = one.call("f")
    assert first == 1 or isinstance(first, Ended)  # the parent may see both at once
    assert (first if isinstance(first, Ended) else one.hear()).cause == "protocol"


def test_a_driver_that_will_not_hear_ends_its_own_session_and_no_other(hostile):
    one = hostile(
        "import os, socket, time\n"
        "from sandbox.protocol import messages\n"
        "def f():\n"
        "    connection = socket.socket(fileno=os.dup(3))\n"
        "    connection.shutdown(socket.SHUT_RD)\n"
        "    connection.sendall(bytes(messages.frame(messages.Answer(1, 1))))\n"
        "    time.sleep(1000)\n"
    )
    assert one.call("f") == 1
    assert one.call("f").cause in {"protocol", "exited"}


def test_closed_streams_keep_the_parent_from_nothing(hostile):
    one = hostile("import os, time\ndef f():\n    os.close(1)\n    os.close(2)\n    time.sleep(0.5)\n    return 1\n")
    assert one.call("f") == 1
    assert one.call("f").kind == "OSError"


def test_a_file_that_reads_its_arguments_finds_none(hostile):
    one = hostile("import argparse, sys\noptions = argparse.ArgumentParser().parse_args()\ndef f(): return sys.argv\n")
    assert one.call("f") == ["student_file.py"]


def test_a_forked_child_that_runs_on_answers_nothing(hostile):
    one = hostile("import os\ndef f(): return 'child' if not os.fork() else 'parent'\ndef g(): return 1")
    assert one.call("f") == "parent"
    assert one.call("g") == 1


def test_a_driver_that_does_not_listen_holds_nobody_up(hostile):
    import torch

    one = hostile("import sandbox.driver, time\ndef f(): sandbox.driver._exactly = lambda *_: time.sleep(1000)\n")
    assert one.call("f") is None
    assert one.call("f", torch.ones(10_000_000), wall=1.0).cause == "wall"


def test_output_without_measure_is_read_counted_and_forgotten(hostile):
    one = hostile(
        "import os\ndef f():\n    block = b'x' * 2**20\n    for _ in range(300): os.write(1, block)\n",
        output_bytes=1000,
    )
    assert one.call("f") is None
    assert one.stop() == "x" * 1000
    assert one.ended.printed_bytes == 300 * 2**20


def test_files_are_bounded_in_size_and_number(hostile):
    one = hostile(
        "import os\n"
        "def fill(folder):\n"
        "    written = 0\n"
        "    try:\n"
        "        for n in range(100):\n"
        "            with open(f'{folder}/{n}', 'wb') as file: written += file.write(b'x' * 2**20)\n"
        "    except OSError: return written\n"
        "def many(folder):\n"
        "    try:\n"
        "        for n in range(100_000): open(f'{folder}/many{n}', 'x').close()\n"
        "    except OSError: return n\n",
        scratch_bytes=16 * 2**20,
    )
    for folder in ("/tmp", "/dev/shm"):
        assert 10 * 2**20 < one.call("fill", folder) <= 16 * 2**20
        assert 500 < one.call("many", folder) <= 1024


def test_what_one_session_leaves_the_next_does_not_see(talk):
    planting = (
        "import ctypes, pathlib, sys\n"
        "def plant():\n"
        "    for folder in ('/tmp', '/dev/shm', '/dev/mqueue', '/var/tmp', '/run', '/', *sys.path):\n"
        "        try: pathlib.Path(folder, 'planted').write_text('x')\n"
        "        except OSError: pass\n"
        "    return ctypes.CDLL(None).msgget(4711, 0o1666)\n"
        "def find():\n"
        "    found = [str(p) for f in ('/tmp', '/dev/shm', '/dev/mqueue', '/var/tmp', '/run', '/', *sys.path)\n"
        "             if (p := pathlib.Path(f, 'planted')).exists()]\n"
        "    return found, ctypes.CDLL(None).msgget(4711, 0o666)\n"
    )
    one = talk(planting)
    assert one.call("plant") >= 0
    assert {"/tmp/planted", "/dev/shm/planted"} <= set(one.call("find")[0])
    one.stop()
    assert talk(planting).call("find") == ([], -1)


SCAN = """
import ctypes, re
def f(word): print(word); return word * 2
def found():
    seen = set()
    for line in open('/proc/self/maps').readlines():
        span, rights, *rest = line.split()
        if rights[:2] == 'rw':
            start, end = (int(each, 16) for each in span.split('-'))
            for at in range(start, end, 2**20):
                seen |= set(re.findall(rb'leak-[0-9]{12}-made', ctypes.string_at(at, min(2**20 + 32, end - at))))
    return sorted(each.decode() for each in seen)
"""


def test_nothing_of_one_session_is_in_the_memory_that_the_next_inherits(talk):
    word = "leak-" + "123456789012" + "-made"
    talk("").stop()  # after the first session a parent imports more, which takes the place of what was freed
    one = talk(f"# {word.replace('12', '34')}\n{SCAN}")
    for times in (1, 30, 300, 2000):  # what is freed stays where it was for longer or shorter, as it is large
        assert one.call("f", word * times) == word * times * 2
    assert word in one.call("found")
    assert word in one.stop()
    assert talk(SCAN).call("found") == []


def test_a_patched_library_is_whole_again_in_the_next_session(talk):
    talk("import torch, json\ntorch.allclose = json.dumps = None").stop()
    one = talk("import torch, json\ndef f(): return [torch.allclose is None, json.dumps is None]")
    assert isinstance(one.imported, Imported)
    assert one.call("f") == [False, False]
