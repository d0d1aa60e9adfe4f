# SPDX-License-Identifier: GPL-3.0-or-later
"""Each kind of action, its dialogue cut wherever it can be cut: by an end or a
reset, behind each octet of either side, which come at once or late. However that
went, it is done once, and the cache is what the server has.

A sample of all places is cut by default. SMEW_ALL=1 takes every place, SMEW_ALL=N
every Nth (a prime spreads well).
"""

import imaplib
import os
import re

import pytest
from acting import CACHED, journal_path, on_server, query
from crowd import Mailbox, Smew, run
from dovecot import Deeds
from network import PASSWORD, NetworkDovecot
from proxy import FROM_CLIENT, FROM_SERVER, Fault

ALL = int(os.environ.get("SMEW_ALL") or 0)
SAMPLE = 7          # places of each kind
DELAYS = (0.0, 0.05)    # seconds, in turns
USERS = 100000 if ALL else 200
FLAGGED, DELETED, JUNK, WORK = 4, 8, 64, 128
CONFIG = """set imap_connections = 1
set sidebar_visible = yes
set sidebar_width = 20
set sort = mailbox-order
set delete = yes
"""
OTHERS = [("the first", 0), ("the second", 0), ("the third", 0)]
FOURTH = "the fourth"


class Kind:
    """keys: typed one after the other, each when the journal is empty again.
    without: capabilities the server does not say it has. replies: so many are
    a reply in the end."""

    def __init__(self, keys, inbox, target=None, without=(), left=False,
                 replies=0, threads=False):
        self.keys, self.without, self.replies = keys, without, replies
        self.inbox, self.left = inbox, left     # left: marked, and hidden
        self.target, self.threads = target or {}, threads


def there(flags=0):
    return {"Target": [(FOURTH, flags)]}


LINK = "tk&"
KINDS = {
    "flag": Kind(["F"], [(FOURTH, FLAGGED)]),
    "keyword": Kind(["X"], [], {"Junk": [(FOURTH, JUNK)]}),
    "label": Kind(["Y\x15work urgent\r"], [(FOURTH, WORK)]),
    "undo of a label": Kind(["Y\x15work\r", "_"], [(FOURTH, 0)]),
    "move": Kind(["s\x15=Target\r"], [], there()),
    "move, no UIDPLUS": Kind(["s\x15=Target\r"], [], there(),
                             without=["UIDPLUS"]),
    "move, no MOVE": Kind(["s\x15=Target\r"], [], there(), without=["MOVE"]),
    "move, neither": Kind(["s\x15=Target\r"], [(FOURTH, DELETED)], there(),
                          without=["MOVE", "UIDPLUS"], left=True),
    "copy": Kind(["C\x15=Target\r"], [(FOURTH, 0)], there()),
    "undo of a move": Kind(["s\x15=Target\r", "_"], [(FOURTH, 0)]),
    "undo of a copy": Kind(["C\x15=Target\r", "_"], [(FOURTH, 0)]),
    "purge": Kind(["d", "$"], []),
    "decode-copy": Kind(["\x1bC\x15=Target\r"], [(FOURTH, 0)], there()),
    "decode-copy, here": Kind(["\x1bC\x15=INBOX\r"],
                              [(FOURTH, 0), (FOURTH, 0)]),
    "decode-save": Kind(["\x1bs\x15=Target\r"], [(FOURTH, DELETED)], there()),
    "decode-save, no UIDPLUS": Kind(["\x1bs\x15=Target\r"],
                                    [(FOURTH, DELETED)], there(),
                                    without=["UIDPLUS"]),
    "undo of a decode-save": Kind(["\x1bs\x15=Target\r", "_"],
                                  [(FOURTH, 0)]),
    "link": Kind([LINK], [(FOURTH, 0)], replies=1, threads=True),
    "link, no UIDPLUS": Kind([LINK], [(FOURTH, 0), (FOURTH, DELETED)],
                             without=["UIDPLUS"], left=True, replies=1,
                             threads=True),
    "undo of a link": Kind([LINK, "_"], [(FOURTH, 0)], threads=True),
}


class Box(Mailbox):
    def __init__(self, server, number):
        super().__init__(server, number)
        home = os.path.dirname(self.path)
        for name in ("Target", "Junk"):
            for part in ("cur", "new", "tmp"):
                os.makedirs(os.path.join(home, name, part), mode=0o700)
        self.give(home)

    def state(self):
        """{mailbox: [(subject, flags)]}"""
        with Client("127.0.0.1", self.server.imap_port) as imap:
            imap.authenticate("PLAIN", lambda _: b"\0%s\0%s" % (
                self.user.encode(), PASSWORD.encode()))
            return {name: on_server(imap, name)
                    for name in ("INBOX", "Target", "Junk")}


    def replies(self):
        """How many of the inbox are."""
        with Client("127.0.0.1", self.server.imap_port) as imap:
            imap.authenticate("PLAIN", lambda _: b"\0%s\0%s" % (
                self.user.encode(), PASSWORD.encode()))
            imap.check_ok(imap.select("INBOX", readonly=True))
            return len(imap.uid("SEARCH", "HEADER", "In-Reply-To",
                                '""')[1][0].split())


class Client(Deeds, imaplib.IMAP4):
    pass


class Case(Smew):
    """One smew that acts and is cut once."""

    def __init__(self, make_client, mailbox, kind, fault=None, at=0):
        super().__init__(make_client, mailbox, "openly", type(self).story,
                         lambda number: fault if number == at else None)
        with open(self.client.config, "a", encoding="utf-8") as out:
            out.write(CONFIG)
            if kind.threads:
                out.write("set sort = threads\n")
        self.kind, self.fault, self.at = kind, fault, at
        self.proxy.change = self.lessen
        self.journal = journal_path(self.client)
        self.late = False
        self.marks = {}         # connection: octets said before it acted
        self.recorded = []      # [(connection, marks, octets of each side)]

    def __str__(self):
        side, place = self.fault.cut
        return "%s behind octet %d of the %s, %g s late, connection %d" % (
            self.fault.how, place, ("client", "server")[side],
            self.fault.delay, self.at)

    def lessen(self, _, data):
        """The server says less than it can."""
        for word in self.kind.without:
            data = data.replace(b" %s " % word.encode(), b" ")
        if "UIDPLUS" in self.kind.without:
            data = re.sub(rb"\[(?:COPY|APPEND)UID [^\]]*\] ", b"", data)
        return data

    def states(self):
        return dict(query(self.journal, "SELECT state, count(*) FROM item"
                          " GROUP BY 1"))

    def noted(self):
        return query(self.journal, "SELECT id FROM step")

    def mark(self):
        """What is said from now on is about the action."""
        self.marks = {c.number: (len(c.heard(FROM_CLIENT)),
                                 len(c.heard(FROM_SERVER)))
                      for c in self.proxy.connections}

    def close(self):
        """Of many thousands only what came of them is kept."""
        super().close()
        if self.fault:
            self.client.screens.clear()
            self.client = self.proxy = self.screen = self.steps = None

    def record(self):
        if self.fault:
            return
        self.recorded = [(c.number, self.marks.get(c.number, (0, 0)),
                          (c.heard(FROM_CLIENT), c.heard(FROM_SERVER)))
                         for c in self.proxy.connections]

    def type(self, keys):
        self.screen.send(keys)
        yield

    def story(self):
        yield from self.start()
        yield from self.until("the mailboxes", self.drawn(b"Target"))
        self.screen.send("\x07\x07*")
        self.mark()
        for keys in self.kind.keys:
            before = self.noted()
            yield from self.type(keys)
            yield from self.until("the journal", lambda: self.noted() !=
                                  before)
            yield from self.until("the end of " + repr(keys),
                                  lambda: not self.states().get(0))
        if self.fault and not any(c.was_cut for c in
                                  self.proxy.connections):
            self.late = True
        self.check_server()
        yield from self.until("the cache", self.cache_agrees)
        self.record()
        yield from self.leave()

    def check_server(self):
        assert not self.states().get(2), query(
            self.journal, "SELECT reason FROM entry")
        want = {"INBOX": sorted(OTHERS + self.kind.inbox), "Target": [],
                "Junk": [], **self.kind.target}
        have = self.mailbox.state()
        assert have == want, "the server has %r" % (have,)
        replies = self.mailbox.replies()
        assert replies == self.kind.replies, "%d are replies" % replies

    def cache_agrees(self):
        want = OTHERS + [kept for kept in self.kind.inbox
                         if not (self.kind.left and kept[1] & DELETED)]
        return self.query(
            "SELECT subject, " + CACHED + " FROM msg JOIN hdr USING (id)"
            " JOIN mbox b ON b.id = mbox WHERE b.name = 'INBOX'"
            " ORDER BY 1") == sorted(want)


def all_places(recorded):
    """[(connection, side, octets)] from where it begins to act."""
    return [(number, side, place) for number, marks, heard in recorded
            for side in (FROM_CLIENT, FROM_SERVER)
            for place in range(marks[side], len(heard[side]) + 1)]


def some_places(recorded):
    places = all_places(recorded)
    step = len(places) / SAMPLE
    return [places[int((i + 0.5) * step)] for i in range(SAMPLE)]


class Cutter:
    def __init__(self, make_client, server, case=Case):
        self.make_client, self.server, self.case = make_client, server, case
        self.users = 0

    def new(self, kind, fault=None, at=0):
        self.users += 1
        return self.case(self.make_client, Box(self.server, self.users - 1),
                         kind, fault, at)

    def record(self, kind):
        whole = self.new(kind)
        run([whole])
        assert whole.problem is None, whole.problem
        return whole.recorded

    def cases(self, kind, recorded, turn):
        places = all_places(recorded)[::ALL] if ALL else \
            some_places(recorded)
        for i, (at, side, place) in enumerate(places):
            for how in (("fin", "rst") if ALL == 1 else
                        (("fin", "rst")[(i + turn) % 2],)):
                late = DELAYS[(i // 2 + turn) % len(DELAYS)]
                yield self.new(kind, Fault(cut=(side, place), how=how,
                                           delay=late), at)

    def all(self, kinds):
        recorded = {name: self.record(kind) for name, kind in kinds.items()}
        names = {id(kind): name for name, kind in kinds.items()}
        done = run(case for turn, (name, kind) in enumerate(kinds.items())
                   for case in self.cases(kind, recorded[name], turn))
        problems = ["%s: %s: %s" % (names[id(case.kind)], case, case.problem)
                    for case in done if case.problem]
        late = sum(case.late for case in done)
        print("\n%d cuts, %d not reached, %d wrong" % (len(done), late,
                                                       len(problems)))
        assert not problems, "\n".join(problems)
        assert late * 4 <= len(done), "the cuts miss the actions"


@pytest.fixture(scope="module")
def server():
    with NetworkDovecot(plaintext="only", users=USERS) as dovecot:
        yield dovecot


def test_cuts(server, make_client):
    Cutter(make_client, server).all(KINDS)
