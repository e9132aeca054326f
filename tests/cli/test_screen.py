"""What reaches the terminal, whatever the text is."""

from grader.cli import screen


def test_nothing_that_a_terminal_obeys_is_printed(capsys) -> None:
    screen.say("\x1b[2J\x07a\u202eb\rc")
    assert capsys.readouterr().out == "\ufffd[2J\ufffda\ufffdb\ufffdc\n"


def test_markup_is_printed_and_not_obeyed(capsys) -> None:
    screen.say("[bold]SCORE 100[/] :smile:")
    assert capsys.readouterr().out == "[bold]SCORE 100[/] :smile:\n"
