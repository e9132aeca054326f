"""A lab that its author goes on writing while a class is graded by it."""

import os
import signal

REST = {"cleo", "dan", "eli", "fay", "gus"}


def test_no_two_of_a_class_are_graded_by_different_suites_under_one_name(scene):
    batch = scene.begins_and_stops_at("cleo")
    scene.suite.write_text(scene.suite.read_text() + "\n# mended\n")
    (worker,) = batch.workers()
    os.kill(worker, signal.SIGKILL)  # the next one would load another suite than this one had
    scene.open("cleo")
    said = batch.ends(3)
    assert "Graded 2, already graded 0, not taken in 0." in said
    assert f"Not graded: {', '.join(sorted(REST))}: The lab lab1_tensors was changed while it was being graded." in said
    assert scene.ungraded() == REST
    assert "Graded 7, already graded 0, not taken in 0." in scene.begins().ends(0)
    assert scene.ungraded() == set()
