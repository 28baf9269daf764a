"""Progress of a command: a spinner on a terminal, lines elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

LINE_EVERY = 25


@contextmanager
def step(console: Console, doing: str) -> Iterator[None]:
    """Show a message while the block runs."""
    with _shown(console, doing):
        yield


@contextmanager
def counted(console: Console, doing: str, total: int) -> Iterator[Callable[[], None]]:
    """Show progress towards a known total; yield a function to call after each item."""
    done = 0
    with counting(console, doing) as say:

        def count() -> None:
            nonlocal done
            done += 1
            say(done, total)

        yield count


@contextmanager
def counting(console: Console, doing: str) -> Iterator[Callable[[int, int], None]]:
    """Show progress towards a total that becomes known on the way; yield a function of (done, total)."""
    with _shown(console, doing) as say:

        def count(done: int, total: int) -> None:
            if console.is_terminal or done % LINE_EVERY == 0 or done == total:
                say(f"{doing}: {done} of {total}")

        yield count


@contextmanager
def _shown(console: Console, doing: str) -> Iterator[Callable[[str], None]]:
    if console.is_terminal:
        with console.status(doing) as status:
            yield status.update
        return

    def say(text: str) -> None:
        console.print(text, soft_wrap=True, highlight=False)
        console.file.flush()

    say(doing)
    yield say
