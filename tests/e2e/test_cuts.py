# SPDX-License-Identifier: GPL-3.0-or-later
"""A recorded session, cut wherever it can be cut: by an end or a reset, behind
each octet of either side. smew must come back by itself, and at the end its
cache must be what the server has, every message once.

A sample of all places is cut by default. SMEW_ALL=1 takes every place (half an
hour); SMEW_ALL=N every Nth (a prime spreads well).
"""

import imaplib
import os
import re
import select
import shutil
import sqlite3
import time
from contextlib import closing

import pytest
from network import PASSWORD, NetworkDovecot
from proxy import FROM_CLIENT, FROM_SERVER, Fault, Proxy
from screen import Unwatched

ALL = int(os.environ.get("SMEW_ALL") or 0)
USERS = 100000 if ALL else 100
AT_ONCE = 16        # smews
LIMIT = 60.0        # seconds for each step
AGAIN = 2.0         # a message that did not come is opened again
FLAGS = {"\\Seen": 1, "\\Answered": 2, "\\Flagged": 4, "\\Deleted": 8,
         "\\Draft": 16}
NUMBERS = ["first", "second", "third", "fourth"]
MAIL = ("From: Rita Novak <rita@example.org>\n"
        "To: anna@example.org\n"
        "Subject: the %(n)s\n"
        "Message-ID: <%(n)s@example.org>\n"
        "Date: Mon, 20 Nov 2023 10:00:00 +0000\n"
        "\n"
        "body of the %(n)s\n")
CONFIG = """set folder = %(scheme)s://%(user)s@localhost:%(port)d
set imap_pass = '%(password)s'
set ssl_ca_certificates_file = %(ca)s
"""
OPENLY = CONFIG + """set ssl_force_tls = no
set imap_deflate = no
set imap_authenticators = plain
"""


# ---- the server's side ----

class Mailbox:
    """One user's, with four messages; what the server has of it."""

    def __init__(self, server, number):
        self.server, self.user = server, "u%d" % number
        self.path = os.path.join(server.mail, self.user, "INBOX")
        for part in ("cur", "new", "tmp"):
            os.makedirs(os.path.join(self.path, part), mode=0o700)
        for i, name in enumerate(NUMBERS):
            self.write(name, "cur", "1700000%03d.%d.x:2," % (i, i))
        self.give(os.path.dirname(self.path))

    @staticmethod
    def give(path):
        """Several homes are made at once: no change of our own user."""
        if os.geteuid() != 0:
            return
        shutil.chown(path, "nobody", "nogroup")
        for top, directories, files in os.walk(path):
            for name in directories + files:
                shutil.chown(os.path.join(top, name), "nobody", "nogroup")

    def write(self, name, part, file):
        path = os.path.join(self.path, part, file)
        with open(path, "w", encoding="ascii") as out:
            out.write(MAIL % {"n": name})
        return path

    def deliver(self, name):
        path = self.write(name, "tmp", "%d.%s.x" % (time.time(), name))
        if os.geteuid() == 0:
            shutil.chown(path, "nobody", "nogroup")
        os.rename(path, path.replace("/INBOX/tmp/", "/INBOX/new/"))

    def truth(self):
        """[(uid, flags, subject)] as another client sees it."""
        found = []
        with imaplib.IMAP4("127.0.0.1", self.server.imap_port) as imap:
            imap.authenticate("PLAIN", lambda _: b"\0%s\0%s" % (
                self.user.encode(), PASSWORD.encode()))
            imap.select("INBOX", readonly=True)
            _, data = imap.uid("FETCH", "1:*",
                               "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
        for head, subject in (d for d in data if isinstance(d, tuple)):
            flags = sum(FLAGS.get(f.decode(), 0)
                        for f in imaplib.ParseFlags(head))
            uid = int(re.search(rb"UID (\d+)", head)[1])
            found.append((uid, flags, subject.decode().strip()[9:]))
        return sorted(found)


# ---- smew's side ----

class Case:
    """One smew that is cut once; a generator that yields while it waits."""

    def __init__(self, make_client, mailbox, config, ca, fault=None, at=0):
        self.fault, self.at, self.mailbox = fault, at, mailbox
        scheme = "imaps" if config == "imaps" else "imap"
        port = mailbox.server.imaps_port if config == "imaps" \
            else mailbox.server.imap_port
        self.proxy = Proxy(port, plan=lambda number: fault
                           if number == at else None)
        text = OPENLY if config == "openly" else CONFIG
        self.client = make_client(config=text % {
            "scheme": scheme, "user": mailbox.user, "port": self.proxy.port,
            "password": PASSWORD, "ca": ca})
        self.late = False       # the place was not reached by itself
        self.again = 0          # keys that had to be pressed again
        self.cut_at = None
        self.problem = None
        self.screen = None
        self.steps = self.run()

    def __str__(self):
        if not self.fault:
            return "not cut"
        side, place = self.fault.cut
        return "%s behind octet %d of the %s, connection %d" % (
            self.fault.how, place, ("client", "server")[side], self.at)

    # ---- looking ----

    def query(self, sql):
        try:
            with closing(sqlite3.connect("file:%s?mode=ro" %
                                         self.client.cache(), uri=True,
                                         timeout=5)) as db:
                return db.execute(sql).fetchall()
        except sqlite3.OperationalError:
            return []           # it is not there yet

    def rows(self):
        return self.query(
            "SELECT uid, flags, subject FROM msg JOIN hdr USING (id) "
            "JOIN mbox ON mbox.id = msg.mbox WHERE mbox.name = 'INBOX' "
            "ORDER BY uid")

    def complete(self, count):
        done = self.query("SELECT complete FROM mbox WHERE name = 'INBOX'")
        return done == [(1,)] and len(self.rows()) == count

    def flagged(self):
        return self.query("SELECT 1 FROM msg WHERE shown & 4") != []

    def settled(self):
        return self.query("SELECT 1 FROM msg WHERE want_add OR want_del") \
            == [] and self.rows() == self.truth

    def was_cut(self):
        return any(c.was_cut for c in self.proxy.connections)

    # ---- doing ----

    def until(self, what, check, keys=None):
        end = time.monotonic() + LIMIT
        due = time.monotonic()
        pressed = 0
        while not check():
            now = time.monotonic()
            if now > end:
                raise AssertionError("waited in vain for " + what)
            if self.screen.status is not None:
                raise AssertionError("ended with %r" % self.screen.status)
            if keys and now >= due:
                self.screen.send(keys)
                pressed += 1
                due = now + AGAIN
            yield
        self.again += max(0, pressed - 1)

    def drawn(self, text):
        return lambda: text in self.screen.raw

    def run(self):
        self.screen = Unwatched(
            [self.client.program, "-n", "-F", self.client.config], 80, 24,
            self.client.env)
        self.client.screens.append(self.screen)
        yield from self.until("the index", self.drawn(b"the fourth"))
        yield from self.until("the fill", lambda: self.complete(4))
        yield from self.until("the message", self.drawn(
            b"body of the fourth"), "i*\r")
        self.screen.send("iF")
        yield from self.until("the flag", self.flagged)
        self.mailbox.deliver("fifth")
        yield from self.until("new mail", lambda: self.complete(5))
        if self.fault and not self.was_cut():
            self.late = True
            self.proxy.cut(self.fault.how)
        if self.fault:
            self.mailbox.deliver("sixth")
            yield from self.until("mail after it", lambda: self.complete(6))
        self.truth = self.mailbox.truth()
        yield from self.until("what the server has", self.settled)
        self.check()
        self.recorded = [(c.number, c.heard(FROM_CLIENT),
                          c.heard(FROM_SERVER))
                         for c in self.proxy.connections]
        yield from self.leave()

    def check(self):
        count = 6 if self.fault else 5
        subjects = [subject for _, _, subject in self.truth]
        assert len(set(subjects)) == len(subjects) == count
        flags = {subject: flags for _, flags, subject in self.truth}
        assert flags["the fourth"] == FLAGS["\\Seen"] | FLAGS["\\Flagged"]
        assert not any(flags[s] & FLAGS["\\Flagged"] for s in subjects
                       if s != "the fourth")
        bodies = self.query("SELECT data FROM body JOIN hdr USING (id) "
                            "WHERE subject = 'the fourth'")
        whole = (MAIL % {"n": "fourth"}).replace("\n", "\r\n").encode()
        assert bodies and all(bytes(b[0]) in whole for b in bodies)
        assert any(b"body of the fourth" in bytes(b[0]) for b in bodies)
        assert self.query("PRAGMA integrity_check") == [("ok",)]
        if self.fault:
            assert len(self.proxy.connections) >= 2

    def leave(self):
        self.screen.send("q")
        end = time.monotonic() + LIMIT
        while self.screen.status is None:
            assert time.monotonic() < end, "does not end"
            yield
        assert self.screen.status == 0

    def step(self):
        """False when it is over."""
        while self.screen and self.screen.pump(0):
            pass
        try:
            next(self.steps)
            return True
        except StopIteration:
            pass
        except AssertionError as error:
            self.problem = "%s: %s; rows %r; ended with %r" % (
                self, error, self.rows(), self.screen.raw[-300:])
        self.close()
        return False

    def close(self):
        self.client.close()
        self.proxy.close()
        if not self.problem and not self.client.sanitizer_reports():
            shutil.rmtree(self.client.home)
            shutil.rmtree(os.path.dirname(self.mailbox.path), True)


def run_cases(cases):
    """Many at once; `cases` is a generator, for each costs a home."""
    running, done = [], []
    more = iter(cases)
    while True:
        while len(running) < AT_ONCE:
            case = next(more, None)
            if case is None:
                break
            running.append(case)
        if not running:
            return done
        over = [case for case in running if not case.step()]
        done += over
        running = [case for case in running if case not in over]
        fds = [case.screen.fd for case in running if case.screen]
        select.select(fds, [], [], 0.02)


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
        whole = self.case()
        run_cases([whole])
        assert whole.problem is None, whole.problem
        self.recorded = whole.recorded

    def case(self, fault=None, at=0):
        self.users += 1
        return Case(self.make_client, Mailbox(self.server, self.users - 1),
                    self.config, self.server.ca, fault, at)

    def cut(self, places):
        ways = ("fin", "rst")
        both = ALL != 0
        done = run_cases(
            self.case(Fault(cut=(side, place), how=how), at)
            for i, (at, side, place) in enumerate(places)
            for how in (ways if both else (ways[i % 2],)))
        problems = [case.problem for case in done if case.problem]
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
