# SPDX-License-Identifier: GPL-3.0-or-later
"""Searches in the texts that are shown: messages, the help, the dialogue."""

import pytest
from dovecot import Dovecot

LINES = ["line %d of many" % i for i in range(1, 200)]
LINES[9] = "the Harbour is calm"
LINES[99] = "harbour master of the harbour"
LINES[149] = "harbour " + "and a very long way " * 8 + "to the harbour"
MAIL = ("From: Rita <rita@example.org>\nSubject: boats\n"
        "Date: Tue, 10 Nov 2026 10:00:00 +0000\n\n" + "\n".join(LINES) + "\n")
CONFIG = """
set sidebar_visible = no
set pager_index_lines = 0
bind pager O search-opposite
"""


@pytest.fixture
def screen(make_client):
    with Dovecot() as server:
        server.deliver(MAIL.encode())
        client = make_client(server.tunnel, CONFIG)
        with client.start(columns=80, rows=24) as screen:
            screen.wait_for("boats")
            screen.send("\r")
            screen.wait_for("line 1 of many")
            yield screen


def found(screen, word):
    """Where the word stands in the colour of searches, [(row, column)]."""
    places = []
    for y, line in enumerate(screen.lines()):
        x = line.lower().find(word)
        while x >= 0:
            if screen.style(y, x).reverse and \
                    screen.style(y, x + len(word) - 1).reverse and \
                    y < len(screen.lines()) - 2:
                places.append((y, x))
            x = line.lower().find(word, x + 1)
    return places


def top(screen):
    return screen.lines()[1]


def test_next_and_back(screen):
    screen.send("/harbour\r")
    screen.wait_for(lambda s: top(s) == "the Harbour is calm")
    assert found(screen, "harbour") == [(1, 4)]
    screen.send("n")
    screen.wait_for(lambda s: top(s).startswith("harbour master"))
    assert found(screen, "harbour") == [(1, 0), (1, 22)]
    screen.send("O")
    screen.wait_for(lambda s: top(s) == "the Harbour is calm")
    screen.send("O")
    screen.wait_for("Search wrapped to bottom.")
    assert top(screen).startswith("harbour and a very")
    screen.send("n")
    screen.wait_for("Search wrapped to top.")
    assert top(screen) == "the Harbour is calm"
    screen.send("\x1b/harbour\r")
    screen.wait_for("Search wrapped to bottom.")
    # Up is now the way of "n".
    screen.send("n")
    screen.wait_for(lambda s: top(s).startswith("harbour master"))


def test_at_the_end(screen):
    """The last page is full, and the search still knows where it was."""
    screen.send("/line 19[0-9]\r")
    screen.wait_for(lambda s: len(found(s, "line 19")) == 10)
    assert "line 199 of many" in screen.text()
    last = screen.text()
    for _ in range(9):
        screen.send("n")
        screen.settle()
        assert screen.text() == last
    screen.send("n")
    screen.wait_for("Search wrapped to top.")
    screen.send("=/line 3$|line 3 \r")
    screen.wait_for(lambda s: top(s) == "line 3 of many")


def test_toggle_and_case(screen):
    screen.send("/Harbour\r")
    screen.wait_for(lambda s: top(s) == "the Harbour is calm")
    screen.send("\\")
    screen.wait_for(lambda s: not found(s, "harbour"))
    screen.send("\\")
    screen.wait_for(lambda s: found(s, "harbour"))
    # With a capital letter in it the others do not match.
    screen.send("n")
    screen.wait_for("Search wrapped to top.")
    assert top(screen) == "the Harbour is calm"


def test_nothing(screen):
    before = top(screen)
    screen.send("/zebra\r")
    screen.wait_for("Not found.")
    assert top(screen) == before
    screen.send(":unset wrap_search\r/zebra\r")
    screen.wait_for("Search hit bottom without finding match")
    screen.send("/(\r")
    screen.wait_for(r"the expression '\(' cannot be used")
    screen.send("\x1b/zebra\r")
    screen.wait_for("Search hit top without finding match")
    # An expression that would never end ends.
    screen.send("/((a+)+)+$x|([a-z ]+)*!\r")
    screen.wait_for("Search hit bottom without finding match")


def test_context(screen):
    screen.send(":set search_context = 3\r/harbour master\r")
    screen.wait_for(lambda s: s.lines()[4].startswith("harbour master"))


def test_wrapped_line(screen):
    """A match in what a line continues with is shown there."""
    screen.send("/to the harbour\r")
    screen.wait_for(lambda s: top(s).startswith("harbour and"))
    screen.wait_for(lambda s: found(s, "to the harbour") or
                    len(found(s, "harbour")) == 1)


def test_in_the_help(screen):
    screen.send("?")
    screen.wait_for("redraw-screen|next-page")
    screen.send("/search-toggle\r")
    screen.wait_for(lambda s: found(s, "search-toggle"))
    screen.send("i")
