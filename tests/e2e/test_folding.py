# SPDX-License-Identifier: GPL-3.0-or-later
"""Threads in the index: folding them, moving by them."""

import re
import time

import odd
import pytest
from dovecot import Dovecot
from test_limit import at, current, limit, names

CONFIG = """
set sort = threads
set sort_aux = date-sent
set sidebar_visible = no
set index_format = "%4C %Z %i %M %s"
set status_format = "[%V|%M|%m|%n]"
"""
DEEP = ["deep1", "deep2", "deep3", "deep4", "branch"]


@pytest.fixture
def server():
    with Dovecot() as dovecot:
        odd.fill(dovecot, time.time())
        yield dovecot


@pytest.fixture
def screen(make_client, server):
    screen = make_client(server.tunnel, CONFIG).start()
    screen.wait_for(lambda s: len(names(s)) == len(odd.MAILS))
    return screen


def go(screen, name):
    screen.send("/~i " + name + "\r")
    screen.wait_for(at(name))


def test_fold_one(screen):
    everything = names(screen)
    go(screen, "deep3")
    line = current(screen)[1]
    screen.send("\x1bv")
    screen.wait_for(at("deep1"))
    # The first message of the thread takes the line of the one that is
    # hidden, as far as there are rows above it.
    line = min(line, everything.index("deep1") + 1)
    assert current(screen)[1] == line
    screen.wait_for("<deep1@odd> 4 ")
    assert not set(DEEP[1:]) & set(names(screen))
    screen.send("\x1bv")
    screen.wait_for(lambda s: names(s) == everything)
    assert current(screen) == ("deep1", line)


def test_unfolding_goes_to_what_is_unread(screen):
    everything = names(screen)
    go(screen, "deep1")
    screen.send(":set uncollapse_jump\r\x1bv")
    screen.wait_for("<deep1@odd> 4 ")
    screen.wait_for(at("deep1"))
    screen.send("\x1bv")
    screen.wait_for(at("deep4"))
    assert names(screen) == everything
    # Where nothing is unread the cursor stays.
    screen.send(":exec catchup\r")
    go(screen, "branch")
    screen.send("\x1bv")
    screen.wait_for(at("deep1"))
    screen.send("\x1bv")
    screen.wait_for(lambda s: names(s) == everything)
    screen.wait_for(at("deep1"))


def test_fold_all(screen):
    everything = names(screen)
    go(screen, "today")
    screen.send("\x1bV")
    screen.wait_for(lambda s: "re1" not in names(s))
    assert not set(DEEP[1:]) & set(names(screen))
    assert len(names(screen)) == len(everything) - 7
    line = current(screen)[1]
    screen.send("\x1bV")
    screen.wait_for(lambda s: "re1" in names(s))
    assert current(screen) == ("today", line)
    screen.send("=")
    screen.wait_for(lambda s: names(s) == everything)


def test_collapse_all(make_client, server):
    client = make_client(server.tunnel, CONFIG + "set collapse_all\n")
    first = client.start()
    first.wait_for(r"\|27\|")
    first.wait_gone("Fetching")
    first.send("x")
    first.wait_exit()
    screen = client.start()
    screen.wait_for("<deep1@odd> 4 ")
    assert not set(DEEP[1:]) & set(names(screen))
    assert len(names(screen)) == len(odd.MAILS) - 7


def test_a_lone_message(screen):
    go(screen, "large")
    screen.send("\x1bv")
    screen.wait_for("There is nothing to fold")


def test_unread_is_spared(screen):
    screen.send(":set nocollapse_unread\r")
    go(screen, "deep1")
    screen.send("\x1bv")
    screen.wait_for("There is nothing to fold")
    assert set(DEEP) <= set(names(screen))


def test_without_threads(screen):
    screen.send(":set sort=date\r")
    screen.settle()
    screen.send("\x1bv")
    screen.wait_for("Threading is not enabled")


def test_new_mail_unfolds(screen, server):
    go(screen, "deep1")
    screen.send("\x1bv")
    screen.wait_for("<deep1@odd> 4 ")
    server.deliver(b"From: a@example.org\nMessage-ID: <deep6@odd>\n"
                   b"References: <deep1@odd>\nSubject: deep\n\nx\n")
    screen.wait_for(lambda s: {"deep6", *DEEP} <= set(names(s)), 60)
    screen.wait_for(at("deep1"))
    screen.send(":set nouncollapse_new\r")
    screen.send("\x1bv")
    screen.wait_for("<deep1@odd> 5 ")
    server.deliver(b"From: a@example.org\nMessage-ID: <deep7@odd>\n"
                   b"References: <deep1@odd>\nSubject: deep\n\nx\n")
    screen.wait_for("<deep1@odd> 6 ", 60)


def test_folded_and_limited(screen):
    go(screen, "deep1")
    screen.send("\x1bv")
    screen.wait_for("<deep1@odd> 4 ")
    limit(screen, "~v", "deep1")
    limit(screen, "~s deeper", "deep3")
    screen.wait_for("<deep3@odd> 1 ")
    screen.send("\x1bv")
    screen.wait_for(lambda s: names(s) == ["deep3", "deep4"])
    limit(screen, "~f a4", "deep4")
    screen.send("P")
    screen.wait_for("no such message in sight")


@pytest.mark.parametrize("keys, before, after", [
    ("P", "deep3", "deep2"), ("P", "branch", "deep2"),
    (":exec root-message\r", "deep4", "deep1"),
    ("\x1bn", "deep3", "branch"), ("\x1bp", "branch", "deep3"),
])
def test_moving(screen, keys, before, after):
    go(screen, before)
    screen.send(keys)
    screen.wait_for(at(after))


def test_next_and_previous_thread(screen):
    order = names(screen)
    go(screen, "deep3")
    after = order[order.index("deep1") + len(DEEP)]
    screen.send(":exec next-thread\r")
    screen.wait_for(at(after))
    screen.send(":exec previous-thread\r")
    screen.wait_for(at("deep1"))


def test_unread_in_a_folded_thread(screen):
    go(screen, "large")
    screen.send(":exec collapse-all\r")
    screen.wait_for(lambda s: "deep4" not in names(s))
    go(screen, "deep1")
    screen.send("k")
    screen.wait_for(lambda s: current(s)[0] != "deep1")
    screen.send(":exec next-unread\r")
    screen.wait_for(at("deep1"))


def test_live_changes_leave_the_cursor(screen, server):
    """Messages come and go around a limited, folded list."""
    go(screen, "deep1")
    screen.send("\x1bv")
    screen.wait_for("<deep1@odd> 4 ")
    limit(screen, "!~F", *[n for n in names(screen)
                           if n not in ("capitals", "twofrom")])
    go(screen, "re2")
    line = current(screen)[1]
    for i in range(10):
        server.deliver(b"From: a@example.org\nMessage-ID: <w%d@odd>\n"
                       b"Date: Mon, 1 Jan 2001 00:00:00 +0000\n"
                       b"Subject: w%d\n\nx\n" % (i, i))
    screen.wait_for(lambda s: re.search(r"\|37\|", s.text()), 60)
    with server.client() as imap:
        imap.remove(imap.uids(query="HEADER Message-ID ancient")[0])
    screen.wait_for(lambda s: re.search(r"\|36\|", s.text()), 60)
    screen.wait_for(at("re2"))
    assert current(screen)[1] == line
