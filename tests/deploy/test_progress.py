from io import StringIO

from rich.console import Console

from deploy.commands.progress import counted, step


def test_without_a_terminal_each_step_is_a_line():
    console = Console(file=StringIO())
    with step(console, "Making the database ..."):
        assert console.file.getvalue() == "Making the database ...\n"


def test_without_a_terminal_what_is_counted_is_a_line_now_and_then_and_at_the_end():
    console = Console(file=StringIO())
    with counted(console, "Posting", 60) as count:
        for _ in range(60):
            count()
    lines = ["Posting", "Posting: 25 of 60", "Posting: 50 of 60", "Posting: 60 of 60"]
    assert console.file.getvalue().splitlines() == lines


def test_on_a_terminal_nothing_stays_of_a_step():
    console = Console(file=StringIO(), force_terminal=True)
    with step(console, "Making the database ..."):
        pass
    # The last output moves to the line's beginning and up, and erases the line.
    assert console.file.getvalue().endswith("\r\x1b[1A\x1b[2K")
