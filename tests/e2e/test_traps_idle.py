# SPDX-License-Identifier: GPL-3.0-or-later
"""IDLE and the end of a connection: rows 80, 93 and 94 of the list of traps.
The number in a name is the row's."""

import time

import pytest
from messages import ordinary
from play import in_idle

# What takes ten seconds or more waits for all of it at the same time.
PATIENCE = 90
CHECK = ":exec imap-fetch-mail\r"


@pytest.mark.parametrize("answer", ["S: $tag BAD what?",
                                    "S: $tag NO [CANNOT] not here",
                                    "S: + idling\nS: $tag NO not any more"])
def test_trap_93_idle_refused(play, answer):
    """Then it is polled; IDLE is not asked for again."""
    one = play("when IDLE\n%s\nend\nwhen NOOP\nhas 11 12 13 14 15\n"
               "S: * 5 EXISTS\nS: $tag OK\nend" % answer, capabilities="IDLE")
    one.start()
    one.shows(11, 12, 13, 14)
    one.said("IDLE")
    one.screen.send(CHECK)
    one.said("NOOP")
    one.shows(11, 12, 13, 14, 15)
    one.alive()
    assert len(one.script.said("IDLE")) == 1
    assert one.script.connections() == 1


@pytest.mark.parametrize("answer", ["S: $tag OK done",
                                    "S: + idling\nS: $tag OK done",
                                    "S: $tag OK done\nS: + idling"])
def test_trap_93_idle_ends_at_once(play, answer):
    """OK before DONE, every time: it is not asked for in a circle."""
    one = play("when IDLE\n%s\nend" % answer, capabilities="IDLE")
    one.start()
    one.shows(11, 12, 13, 14)
    one.said("IDLE")
    for checks in range(1, 4):
        one.screen.send(CHECK)
        one.said("NOOP", checks)
    one.alive()
    assert len(one.script.said("IDLE")) == 1


def test_trap_93_idle_ends_by_itself_once(play):
    """The news in it count all the same."""
    one = play("once IDLE\nS: + idling\nawait go\nS: * 5 EXISTS\n"
               "has 11 12 13 14 15\nS: $tag OK I am tired\nend",
               capabilities="IDLE")
    one.start()
    one.shows(11, 12, 13, 14)
    one.idles()
    one.script.go("go")
    one.shows(11, 12, 13, 14, 15)
    assert one.script.connections() == 1


def test_the_first_one_is_short(play):
    """What came when it began may not be told: the next one brings it. After
    that there is a sign of life now and then."""
    one = play("once IDLE\nS: * 5 EXISTS\nhas 11 12 13 14 15\nS: + idling\n"
               "c: DONE\nS: $tag OK done\nend\n"
               "once IDLE\nS: + idling\nc: DONE\nS: $tag OK done\nend",
               capabilities="IDLE", config="set imap_keepalive = 12\n"
               "set imap_poll_timeout = 0\n")
    one.start()
    one.shows(11, 12, 13, 14)
    one.idles()
    start = time.monotonic()
    one.shows(11, 12, 13, 14, 15)
    first = time.monotonic() - start
    # After its row it is short again, and then not any more.
    one.said("IDLE", 4)
    start = time.monotonic()
    one.said("IDLE", 5)
    assert first < 0.7 * (time.monotonic() - start)
    assert one.script.connections() == 1


@pytest.mark.parametrize("what", ["bye", "cut"])
def test_trap_80_bye_without_end(play, what):
    """The first BYE is enough; the next connection comes by itself."""
    said = "S: * BYE too long idle"
    if what == "bye":
        said += "\nfill forever * BYE still\\x20here?\\r\\n"
    else:
        said += "\ncut"
    one = play(script=ordinary(
        in_idle("S: * 2 EXPUNGE\nhas 11 13 14\n" + said),
        capabilities="IDLE") + "====\n" +
        ordinary(has="11 13 14", capabilities="IDLE"))
    one.start()
    one.shows(11, 12, 13, 14)
    one.idles()
    one.script.go("go")
    one.wait("offline.*too long idle")
    assert len(one.screen.rows()) >= 3
    assert one.screen.text().count("too long idle") == 1
    one.wait(lambda s: "offline" not in s.text())
    one.shows(11, 13, 14)
    assert one.script.connections() == 2


def test_trap_93_94_95_those_that_never_answer(play):
    """No + after IDLE, no answer to DONE, no greeting: each has its limit,
    and keys are answered meanwhile. All of them wait at the same time."""
    no_plus = play("when IDLE\nend\n", capabilities="IDLE")
    no_done = play("when IDLE\nS: + idling\nc: DONE\nstall\nend",
                   capabilities="IDLE")
    no_greeting = play(script="stall")
    half = play(script="raw: * OK [CAPABILITY IMAP4rev1\nstall")
    every = (no_plus, no_done, no_greeting, half)
    start = time.monotonic()
    for one in every:
        one.start()
    for one in (no_plus, no_done):
        one.shows(11, 12, 13, 14)
        one.said("IDLE")
    no_done.idles()
    no_done.screen.send(CHECK)
    for one in every:
        one.alive()
    for one, why in ((no_plus, "does not answer in IDLE"),
                     (no_done, "does not answer in IDLE"),
                     (no_greeting, "did not greet in time"),
                     (half, "did not greet in time")):
        one.wait(lambda s, p=one, w=why: w in p.log(), PATIENCE)
        assert time.monotonic() - start > 9
    # The next connection is polled.
    for one in (no_plus, no_done):
        one.wait(lambda s, p=one: p.log().count("setup -> ready") == 2,
                 PATIENCE)
        one.shows(11, 12, 13, 14)
        one.screen.send(CHECK)
        one.said("NOOP")
        assert len(one.script.said("IDLE")) == 1
