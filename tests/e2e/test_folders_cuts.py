# SPDX-License-Identifier: GPL-3.0-or-later
"""Mailboxes made, renamed and deleted, the dialogue cut behind octets of either
side: it is done, once, and the cache has what the server has.

A sample of all places is cut by default. SMEW_ALL=1 takes every place, SMEW_ALL=N
every Nth.
"""

from acting import query
from crowd import run
from network import PASSWORD, NetworkDovecot
from proxy import Fault
from test_journal_cuts import (ALL, Box, Case, Client, all_places,
                               some_places)

# Of one line behind another only what differs is drawn.
NO = b"cannot ", b"look into ", b"offline: "
FIRST = {"INBOX", "Junk", "Target"}
USERS = 20000 if ALL else 100


class Chore:
    """line: typed at ':'; names: what there is then"""

    without, threads = (), False

    def __init__(self, line, names, asked=False):
        self.line, self.names, self.asked = line, names, asked


CHORES = {
    "create": Chore("create =Made", FIRST | {"Made"}),
    "rename": Chore("rename =Target =Renamed",
                    FIRST - {"Target"} | {"Renamed"}),
    "delete": Chore("delete =Target", FIRST - {"Target"}, asked=True),
}


class ChoreCase(Case):
    def story(self):
        yield from self.start()
        yield from self.until("the mailboxes", self.drawn(b"Target"))
        self.mark()
        # Once more where it was refused as there was no connection.
        while not self.cache_agrees():
            yield from self.order()
            yield from self.wait(0.5)
        assert self.server_agrees()
        self.late = bool(self.fault) and not any(
            c.was_cut for c in self.proxy.connections)
        self.record()
        yield from self.leave()

    def one_of(self, since, *texts):
        return lambda: any(self.drawn(text, since)() for text in texts)

    def order(self):
        since = len(self.screen.raw)
        refused = self.one_of(since, *NO)
        self.screen.send("\x07\x07:%s\r" % self.kind.line)
        if self.kind.asked:
            yield from self.until("an answer", self.one_of(
                since, b"(yes/[no])", *NO), "\x0c")
            if self.drawn(b"(yes/[no])", since)():
                self.screen.send("y")
        yield from self.until("the end", lambda: self.cache_agrees() or
                              refused(), "\x0c")

    def server_agrees(self):
        with Client("127.0.0.1", self.mailbox.server.imap_port) as imap:
            imap.authenticate("PLAIN", lambda _: b"\0%s\0%s" % (
                self.mailbox.user.encode(), PASSWORD.encode()))
            names = {line.rsplit(b" ", 1)[1].strip(b'"').decode()
                     for line in imap.list()[1] if line}
        return names == self.kind.names

    def cache_agrees(self):
        return {name for name, in query(
            self.client.cache(), "SELECT name FROM mbox")} == self.kind.names


def test_cuts(make_client):
    with NetworkDovecot(plaintext="only", users=USERS) as server:
        users = iter(range(USERS))

        def case(kind, fault=None, at=0):
            return ChoreCase(make_client, Box(server, next(users)), kind,
                             fault, at)

        def cases():
            for turn, kind in enumerate(CHORES.values()):
                whole = case(kind)
                run([whole])
                assert whole.problem is None, whole.problem
                places = all_places(whole.recorded)[::ALL] if ALL else \
                    some_places(whole.recorded)
                for i, (at, side, place) in enumerate(places):
                    yield case(kind, Fault(cut=(side, place), how=(
                        "fin", "rst")[(i + turn) % 2]), at)

        done = run(cases())
    problems = ["%s: %s: %s" % (case.kind.line, case, case.problem)
                for case in done if case.problem]
    late = sum(case.late for case in done)
    print("\n%d cuts, %d not reached, %d wrong" % (len(done), late,
                                                   len(problems)))
    assert not problems, "\n".join(problems)
    assert late * 4 <= len(done), "the cuts miss the chores"
