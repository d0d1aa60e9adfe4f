# SPDX-License-Identifier: GPL-3.0-or-later
"""`:offline`, `:online`, the mark of what waits, and the pane of the journal."""

import random
import re

import pytest
from acting import CONFIG, Actor, Model, on_server
from dovecot import Dovecot

SIZE = 12
LIMIT = 60.0


@pytest.fixture
def server():
    with Dovecot() as dovecot:
        yield dovecot


@pytest.fixture
def actor(make_client, server):
    model = Model(SIZE)
    model.deliver(server)
    actor = Actor(make_client(server.tunnel, CONFIG), model,
                  random.Random(1), 100, 24)
    actor.start()
    return actor


def type_line(actor, line):
    actor.screen.send("\x07\x07:%s\r" % line)


def move(actor, subject, target):
    actor.point_at(subject)
    before = actor.steps()
    actor.screen.send("s\x15=%s\r" % target)
    actor.wait_step(before)
    actor.screen.send("\x07\x07l\x15all\r")


def leave(actor):
    actor.screen.send("q")
    assert actor.screen.wait_exit() == 0


def offline(actor):
    type_line(actor, "offline")
    actor.screen.wait_for(r"offline: you said so \(:online to go on\)",
                          LIMIT)


def wait_row(actor, pattern):
    return actor.screen.wait_for(pattern, LIMIT)


def test_offline_and_online(actor, server):
    offline(actor)
    move(actor, "m003", "Family")
    move(actor, "m004", "Family")
    actor.screen.wait_for(r"Msgs:10 .*Wait:2", LIMIT)
    with server.client() as imap:
        assert on_server(imap, "Family") == []
    # It is not forgotten by a restart, and the mark is there again.
    leave(actor)
    actor.start()
    actor.settle()
    actor.screen.wait_gone("Wait:", LIMIT)
    with server.client() as imap:
        assert [name for name, _ in on_server(imap, "Family")] == [
            "m003", "m004"]
    offline(actor)
    type_line(actor, "online")
    actor.screen.wait_gone("offline", LIMIT)
    leave(actor)


def test_pane(actor, server):
    offline(actor)
    for name in ("m003", "m004", "m005"):
        move(actor, name, "Family")
    type_line(actor, "journal")
    wait_row(actor, r"^Journal: 3 waiting, 0 refused")
    actor.screen.wait_for(lambda s: len([
        line for line in s.lines()
        if " waits " in line and "Family" in line]) == 3, LIMIT)
    # The one of m004 is taken back, the one of m005 given up.
    actor.screen.send("ju")
    wait_row(actor, r"^Journal: 2 waiting")
    wait_row(actor, r"Undone: 1 message moved to Family")
    actor.screen.send("=d")
    wait_row(actor, r"^Journal: 1 waiting")
    assert actor.states() == {0: 1, 3: 3}
    wait_row(actor, r"^\d\d:\d\d +given up ")
    wait_row(actor, r"^\d\d:\d\d +undone ")
    actor.screen.send("q")
    type_line(actor, "online")
    actor.settle()
    actor.model.move("INBOX", "m003", "Family")
    with server.client() as imap:
        assert on_server(imap, "INBOX") == actor.model.state("INBOX")
    leave(actor)


def test_numbers_of_lines(actor):
    """A digit asks for a line, in each list."""
    screen = actor.screen
    for name in ("m003", "m004", "m005"):
        move(actor, name, "Family")
    actor.settle()
    type_line(actor, "journal")
    wait_row(actor, r"^Journal: 0 waiting")
    screen.wait_for(lambda s: len(re.findall(r"(?m)^\d\d:\d\d +done",
                                             s.text())) == 3, LIMIT)

    def line(number):
        screen.wait_for(lambda s: s.style(number, 1).reverse, LIMIT)

    line(1)
    screen.send("3")
    wait_row(actor, r"^Jump to: 3")
    screen.send("\r")
    line(3)
    screen.send("4\r")
    wait_row(actor, r"^There is no line of that number\.")
    screen.send("2\r")
    line(2)
    screen.send("1\x07")
    screen.wait_gone("Jump to:", LIMIT)
    line(2)
    screen.send("q\x17")
    line(1)
    screen.send("3\r")
    line(3)
    screen.send("\r")
    wait_row(actor, r"smew: Family \[Msgs:3")
    leave(actor)


def test_refused_and_tried_again(actor, server):
    offline(actor)
    move(actor, "m003", "Family")
    with server.client() as imap:
        imap.check_ok(imap.delete("Family"))
    type_line(actor, "online")
    actor.screen.wait_for(r"Msgs:12 .*Refused:1", LIMIT)
    type_line(actor, "journal")
    wait_row(actor, r"^Journal: 0 waiting, 1 refused")
    wait_row(actor, r"^\d\d:\d\d +refused +1 message moved to Family, INBOX")
    # The reason of the one under the cursor is the server's.
    wait_row(actor, r"(?s)^Journal:.*exist")
    with server.client() as imap:
        imap.check_ok(imap.create("Family"))
    actor.screen.send("r")
    wait_row(actor, r"^Journal: 0 waiting, 0 refused")
    wait_row(actor, r"^\d\d:\d\d +done +1 message moved to Family")
    with server.client() as imap:
        assert [name for name, _ in on_server(imap, "Family")] == ["m003"]
    actor.screen.send("q")
    actor.screen.wait_gone("Refused:", LIMIT)
    leave(actor)


def test_undo_of_an_older_one(actor, server):
    move(actor, "m003", "Family")
    actor.settle()
    move(actor, "m004", "Archive")
    actor.settle()
    type_line(actor, "journal")
    wait_row(actor, r"moved to Family")
    actor.screen.send("ju")
    wait_row(actor, r"Undone: 1 message moved to Family")
    wait_row(actor, r"done +undo of 1 message moved to Family, Family")
    actor.settle()
    with server.client() as imap:
        assert on_server(imap, "Family") == []
        assert len(on_server(imap, "Archive")) == 1
    # The same key does it again.
    actor.screen.send("u")
    wait_row(actor, r"Redone: ")
    actor.settle()
    actor.screen.send("q")
    leave(actor)


@pytest.mark.parametrize("size", [(40, 10), (20, 5), (1, 1)])
def test_small(actor, size):
    move(actor, "m003", "Family")
    actor.settle()
    actor.screen.resize(*size)
    type_line(actor, "journal")
    actor.screen.send("jjk?q")
    actor.screen.settle()
    actor.screen.resize(100, 24)
    wait_row(actor, r"^Journal: ")
    actor.screen.send("q")
    leave(actor)
