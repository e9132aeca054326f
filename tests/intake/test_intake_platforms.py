"""A plain class is not taken for a platform's download."""

import pytest
from downloads import CLASS, FILE, LAB, placed
from hypothesis import given
from hypothesis import strategies as st

from grader.intake import canvas, collect
from grader.intake.platforms import Reading, recognise


@pytest.mark.parametrize(
    "called", ["class", "submissions", "lab1-submissions", "gradebook_ML1_HW1_2026-03-01-10-00-00"]
)
@pytest.mark.parametrize("shape", ["{who.full}", "{who.last}, {who.first}({who.user})", "{who.id} - {who.full}"])
@pytest.mark.parametrize("inside", [f"/{FILE}", ".py", f"_{FILE}", f"_attempt_2_{FILE}", f"/submission/{FILE}"])
def test_a_plain_class_stays_one(tmp_path, shape, inside, called):
    files = {f"{shape.format(who=who)} {who.id}{inside}": who.work for who in CLASS}
    assert recognise(files, called) == Reading()
    items = list(collect([placed(tmp_path, called, files, "zip")], LAB))
    assert {item.files[FILE] for item in items} == {who.work for who in CLASS}


parts = st.sampled_from(["ana", "bo", "lab1", "1", "22", "_", "-", " - ", " ", "/", "(", ")", ".py", "attempt", "LATE"])


@given(st.sets(st.lists(parts, min_size=1, max_size=12).map("".join), min_size=1, max_size=6), st.sampled_from("ab"))
def test_only_canvas_has_names_without_a_word_or_a_date_of_its_own(paths, called):
    assert recognise(paths, called).uploads == canvas.recognise(paths)
