# SPDX-License-Identifier: GPL-3.0-or-later
"""A recorded session, cut wherever it can be cut: by an end or a reset, behind
each octet of either side. smew must come back by itself, and at the end its
cache must be what the server has, every message once.

A sample of all places is cut by default. SMEW_ALL=1 takes every place (half an
hour); SMEW_ALL=N every Nth (a prime spreads well).
"""

import os
import re

import pytest
from crowd import FLAGS, MAIL, Mailbox, Smew, run
from network import PASSWORD, NetworkDovecot
from proxy import FROM_CLIENT, FROM_SERVER, Fault
from tlsserver import leaks

ALL = int(os.environ.get("SMEW_ALL") or 0)
USERS = 100000 if ALL else 100


class Case(Smew):
    """One smew that is cut once."""

    def __init__(self, make_client, mailbox, config, fault=None, at=0):
        super().__init__(make_client, mailbox, config, Case.story,
                         lambda number: fault if number == at else None)
        self.fault, self.at = fault, at
        self.open = config == "openly"
        self.late = False       # the place was not reached by itself
        self.recorded = []      # [(connection, octets each side said)]

    def __str__(self):
        if not self.fault:
            return "not cut"
        side, place = self.fault.cut
        return "%s behind octet %d of the %s, connection %d" % (
            self.fault.how, place, ("client", "server")[side], self.at)

    def was_cut(self):
        return any(c.was_cut for c in self.proxy.connections)

    def story(self):
        yield from self.start()
        yield from self.until("the message", self.drawn(
            b"body of the fourth"), "i*\r")
        self.screen.send("iF")
        yield from self.until("the flag", lambda: self.query(
            "SELECT 1 FROM msg WHERE shown & 4"))
        self.mailbox.deliver("fifth")
        yield from self.until("new mail", lambda: self.complete(5))
        if self.fault:
            if not self.was_cut():
                self.late = True
                self.proxy.cut(self.fault.how)
            self.mailbox.deliver("sixth")
            yield from self.until("mail after it", lambda: self.complete(6))
        yield from self.agree()
        self.check()
        self.recorded = [(c.number, c.heard(FROM_CLIENT),
                          c.heard(FROM_SERVER))
                         for c in self.proxy.connections]
        yield from self.leave()

    def check(self):
        flags = {subject: flags for _, flags, subject in self.truth}
        assert len(flags) == (6 if self.fault else 5)
        assert flags.pop("the fourth") == FLAGS["\\Seen"] | \
            FLAGS["\\Flagged"]
        assert not any(f & FLAGS["\\Flagged"] for f in flags.values())
        bodies = [bytes(row[0]) for row in self.query(
            "SELECT data FROM body JOIN hdr USING (id) "
            "WHERE subject = 'the fourth'")]
        whole = (MAIL % {"n": "fourth"}).replace("\n", "\r\n").encode()
        assert all(body in whole for body in bodies)
        assert any(b"body of the fourth" in body for body in bodies)
        if self.fault:
            assert len(self.proxy.connections) >= 2
        # In the clear it is there, so it would be found.
        assert bool(leaks(PASSWORD, self.proxy.heard())) == self.open


# ---- where to cut ----

def boundaries(data):
    """Places about the ends of lines and literals."""
    places = set()
    for match in re.finditer(rb"\r\n", data):
        places.update((match.start(), match.start() + 1, match.end()))
    for match in re.finditer(rb"\{(\d+)\}\r\n", data):
        end = match.end() + int(match[1])
        places.update((match.end() + 1, end - 1, end, end + 1))
    return sorted(p for p in places if 0 <= p <= len(data))


def spread(places, count):
    """Some of them, evenly, the first and the last among them."""
    if len(places) <= count or count < 2:
        return list(places)[:count]
    return [places[i * (len(places) - 1) // (count - 1)]
            for i in range(count)]


def all_places(recorded):
    """[(connection, side, octets)] of every cut there is."""
    return [(number, side, place) for number, *heard in recorded
            for side in (FROM_CLIENT, FROM_SERVER)
            for place in range(len(heard[side]) + 1)]


def some_places(recorded, count):
    """Half of them about line ends, the others anywhere; more of those of
    the server, whose octets are more."""
    places = []
    for number, *heard in recorded:
        for side, share in ((FROM_CLIENT, count // 3),
                            (FROM_SERVER, count - count // 3)):
            data = heard[side]
            kept = spread(boundaries(data), share // 2)
            step = len(data) // (share - len(kept)) + 1
            kept += range(step // 2, len(data), step)
            places += [(number, side, p) for p in sorted(set(kept))]
    return places


class Cutter:
    """A server, and what a session on it looks like when nobody cuts."""

    def __init__(self, make_client, server, config):
        self.make_client, self.server = make_client, server
        self.config = config
        self.users = 0
        # What a slow machine makes a session say more, others do not say.
        wholes = run([self.case() for _ in range(3)])
        for whole in wholes:
            assert whole.problem is None, whole.problem
        self.recorded = min((whole.recorded for whole in wholes),
                            key=lambda recorded: len(all_places(recorded)))

    def case(self, fault=None, at=0):
        self.users += 1
        return Case(self.make_client, Mailbox(self.server, self.users - 1),
                    self.config, fault, at)

    def cut(self, places):
        ways = ("fin", "rst")
        both = ALL != 0
        done = run(
            self.case(Fault(cut=(side, place), how=how), at)
            for i, (at, side, place) in enumerate(places)
            for how in (ways if both else (ways[i % 2],)))
        problems = ["%s: %s" % (case, case.problem) for case in done
                    if case.problem]
        again = sum(case.again for case in done)
        late = sum(case.late for case in done)
        print("\n%s: %d cuts, %d not reached, %d keys again, %d wrong" % (
            self.config, len(done), late, again, len(problems)))
        assert not problems, "\n".join(problems)
        assert late * 5 <= len(done), "the cuts miss the session"


def cut_them(make_client, server, config, count):
    cutter = Cutter(make_client, server, config)
    if ALL:
        cutter.cut(all_places(cutter.recorded)[::ALL])
    else:
        cutter.cut(some_places(cutter.recorded, count))


@pytest.fixture(scope="module")
def openly():
    with NetworkDovecot(plaintext="only", users=USERS) as server:
        yield server


@pytest.fixture(scope="module")
def secured():
    with NetworkDovecot(users=USERS) as server:
        yield server


def test_in_the_clear(openly, make_client):
    cut_them(make_client, openly, "openly", 28)


def test_imaps_and_compress(secured, make_client):
    cut_them(make_client, secured, "imaps", 8)


def test_starttls(secured, make_client):
    cut_them(make_client, secured, "starttls", 8)
