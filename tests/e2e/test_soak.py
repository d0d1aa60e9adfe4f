# SPDX-License-Identifier: GPL-3.0-or-later
"""Two smews on one account, a client that changes everything, a line that cuts,
stalls, delays and refuses. When all of that ends, both caches must be what the
server has: every message, flag and count of every mailbox that was opened.

20 seconds by default; SMEW_ALL=1 takes 15 minutes, SMEW_SOAK as many seconds as
it says.
"""

import imaplib
import os
import random
import re
import sqlite3
import time
from contextlib import closing

import pytest
from cachefile import faults
from dovecot import Deeds
from network import PASSWORD, NetworkDovecot
from proxy import FROM_CLIENT, FROM_SERVER, Fault, Proxy
from screen import Unwatched

SECONDS = int(os.environ.get("SMEW_SOAK") or
              (900 if os.environ.get("SMEW_ALL") else 20))
SETTLE = 180.0          # until everything is equal in the end
AGAIN = 3.0             # a key that had no effect is pressed again
MEGABYTE = 1 << 20
OPENED = ["INBOX", "One", "Two", "Side"]
FLAGS = {"\\Seen": 1, "\\Answered": 2, "\\Flagged": 4, "\\Deleted": 8,
         "\\Draft": 16, "$Forwarded": 32, "$Junk": 64}
KEYWORD = "Later"
SPOILT = re.compile(r"deleted under us|ALREADYEXISTS|has children")
CONFIG = """set ssl_force_tls = no
set imap_deflate = no
set delete = no
bind index,pager Z retry-connection
"""
MAIL = """From: Rita Novak <rita@example.org>
To: anna@example.org
Subject: %s
Message-ID: <%d@soak>
References: <%d@soak>

%s
"""
# What is typed, and how often. Prompts are left first; \x07 is ^G.
KEYS = [(4, "\x07j"), (4, "\x07k"), (2, "\x07\x1b[6~"), (2, "\x07\x1b[5~"),
        (1, "\x07*"), (1, "\x07="), (2, "\x07\t"), (4, "\x07\r"), (3, " "),
        (6, "i"), (3, "\x07F"), (2, "\x07N"), (2, "\x07d"), (2, "\x07u"),
        (3, "\x07Z"), (1, "\x0c"), (1, "\x07l~N\r"), (1, "\x07lall\r")]


class Chaos(Deeds, imaplib.IMAP4):
    """Somebody else on the same account."""

    def __init__(self, server, rng):
        self.server = server
        self.sign_in()
        self.rng, self.written, self.deeds = rng, 0, 0
        self.anew = False       # the server spoilt "Side"
        self.others = []        # mailboxes that nobody opens
        for name in OPENED[1:]:
            self.check_ok(self.create(name))
        for name in OPENED:
            self.fill(name, 100)

    def sign_in(self):
        super().__init__("127.0.0.1", self.server.imap_port)
        self.authenticate("PLAIN", lambda _: b"\0anna\0" + PASSWORD.encode())

    def message(self):
        self.written += 1
        i = self.written
        body = "line of text\n" * self.rng.choice([1, 20, 2000])
        return (MAIL % ("Re: thing" if i % 3 else "about %d" % i, i,
                        i - i % 5, body)).replace("\n", "\r\n").encode()

    def fill(self, name, count):
        for _ in range(count):
            self.check_ok(self.append(name, None, None, self.message()))

    def some(self, most):
        """A set of UIDs of a mailbox that is now selected, or None."""
        self.check_ok(self.select(self.rng.choice(OPENED)))
        kind, data = self.uid("SEARCH", "ALL")
        self.check_ok((kind, data))
        uids = data[0].split()
        if len(uids) < 30:
            return None
        return b",".join(self.rng.sample(
            uids, self.rng.randint(1, most))).decode()

    # ---- the deeds ----

    def arrive(self):
        self.fill(self.rng.choice(OPENED), self.rng.choice([1, 1, 1, 10]))

    def mark(self):
        what = self.rng.choice([*FLAGS, KEYWORD])
        if (uids := self.some(20)) is not None:
            self.check_ok(self.uid(
                "STORE", uids, self.rng.choice("+-") + "FLAGS",
                "(%s)" % what))

    def expel(self):
        if (uids := self.some(8)) is not None:
            self.check_ok(self.uid("STORE", uids, "+FLAGS", "(\\Deleted)"))
            self.check_ok(self.uid("EXPUNGE", uids))

    def carry(self):
        if (uids := self.some(5)) is not None:
            self.check_ok(self.uid(self.rng.choice(["COPY", "MOVE"]), uids,
                                   self.rng.choice(OPENED)))

    def name(self):
        return "Other-%d" % self.rng.randrange(10**6)

    def found(self):
        if len(self.others) < 20:
            name = self.name()
            self.check_ok(self.create(name))
            self.others.append(name)

    def rename_one(self):
        if self.others:
            i, name = self.rng.randrange(len(self.others)), self.name()
            self.check_ok(self.rename(self.others[i], name))
            self.others[i] = name

    def remove_one(self):
        if self.others:
            name = self.others.pop(self.rng.randrange(len(self.others)))
            self.check_ok(self.delete(name))

    def begin_anew(self):
        """The same name with another UIDVALIDITY."""
        self.check_ok(self.select("INBOX"))
        kind, data = self.delete("Side")
        if kind != "OK" and b"[NONEXISTENT]" not in data[0]:
            self.check_ok((kind, data))
        # It is the time in seconds.
        time.sleep(1.1)
        self.check_ok(self.create("Side"))
        self.fill("Side", 60)

    def do(self):
        deeds = [self.arrive] * 8 + [self.mark] * 10 + [self.expel] * 4 + \
            [self.carry] * 3 + [self.found, self.rename_one, self.remove_one]
        if self.anew or self.deeds % 40 == 39:
            deeds = [self.begin_anew]
        self.deeds += 1
        try:
            self.rng.choice(deeds)()
            self.anew = False
        except AssertionError as error:
            # A session that had the old one open left files behind, or
            # made its directory again.
            self.anew = SPOILT.search(str(error)) is not None
            if not self.anew:
                raise
        except self.abort:
            # What was selected is not what it was: the server hangs up.
            self.shutdown()
            self.sign_in()

    def truth(self, name):
        """[(uid, flags, keyword)]"""
        self.check_ok(self.select(name, readonly=True))
        _, data = self.uid("FETCH", "1:*", "(FLAGS)")
        found = {}
        for line in data:
            if line and b"UID " in line:
                flags = [f.decode() for f in imaplib.ParseFlags(line)]
                found[int(re.search(rb"UID (\d+)", line)[1])] = (
                    sum(FLAGS.get(f, 0) for f in flags), KEYWORD in flags)
        return sorted((uid, *what) for uid, what in found.items())


class Line:
    """A proxy with weather."""

    def __init__(self, server, rng):
        self.rng = rng
        self.proxy = Proxy(server.imap_port, plan=self.plan)
        self.calm = False
        self.ends = []          # [(when, what ends a trouble)]
        self.next = 0.0
        self.troubles = 0

    def plan(self, _):
        rng = self.rng
        if self.calm:
            return None
        place = (rng.choice([FROM_CLIENT, FROM_SERVER]),
                 int(10 ** rng.uniform(1, 5.5)))
        kind = rng.random()
        return Fault(cut=place if kind < 0.25 else None,
                     how=rng.choice(["fin", "rst"]),
                     stall=place if kind > 0.95 else None,
                     delay=rng.choice([0, 0, 0.02, 0.2]),
                     rate=rng.choice([0, 0, 20_000, 200_000]))

    def step(self, now):
        for due in [end for end in self.ends if end[0] <= now]:
            self.ends.remove(due)
            due[1]()
        if now < self.next:
            return
        rng, proxy = self.rng, self.proxy
        self.next = now + rng.uniform(0.5, 8)
        self.troubles += 1
        kind = rng.choice(["cut", "cut", "refuse", "hold", "hold", "swallow"])
        later = now + rng.uniform(0.2, 3)
        if kind == "cut":
            proxy.cut(rng.choice(["fin", "rst"]))
        elif kind == "refuse":
            proxy.refuse()
            proxy.cut("rst")
            self.ends.append((later, proxy.accept))
        elif kind == "hold":
            proxy.hold()
            self.ends.append((later, proxy.release))
        else:
            proxy.swallow()
            self.ends.append((later, proxy.restore))

    def settle(self):
        """The weather is fine; what is lame now must come back by itself."""
        self.calm = True
        for _, end in self.ends:
            end()
        self.ends = []
        self.proxy.cut("rst")


class User:
    """A smew and who types."""

    def __init__(self, client, server, line, rng):
        self.client, self.line, self.rng = client, line, rng
        client.env["ASAN_OPTIONS"] += ":quarantine_size_mb=16"
        client.write(config=server.settings("imap").replace(
            ":%d\n" % server.imap_port, ":%d\n" % line.proxy.port) + CONFIG)
        self.screen = Unwatched(
            [client.program, "-n", "-F", client.config], 90, 30, client.env)
        client.screens.append(self.screen)
        self.opened = {"INBOX"}
        self.next = 0.0
        self.keys = 0
        self.memory = []

    def visit(self, name):
        self.screen.send("\x07\x07c=%s\r" % name)
        self.opened.add(name)

    def read(self):
        while self.screen.pump(0):
            pass
        # Nobody looks at it; it is kept for what went wrong.
        del self.screen.raw[:-20000]
        assert self.screen.status is None, "ended with %r: %r" % (
            self.screen.status, bytes(self.screen.raw[-500:]))

    def step(self, now):
        self.read()
        if now < self.next:
            return
        self.next = now + self.rng.choice([0.02, 0.1, 0.3, 1])
        if self.rng.random() < 0.06:
            self.visit(self.rng.choice(OPENED))
        else:
            self.screen.send(self.rng.choices(
                [keys for _, keys in KEYS], [w for w, _ in KEYS])[0])
        self.keys += 1
        with open("/proc/%d/status" % self.screen.pid,
                  encoding="ascii") as status:
            match = re.search(r"VmRSS:\s+(\d+) kB", status.read())
        if match:
            self.memory.append(int(match[1]) * 1024)

    # ---- the end ----

    def differs(self, name, truth):
        """What the cache has otherwise, or None."""
        with closing(sqlite3.connect("file:%s?mode=ro" % self.client.cache(),
                                     uri=True, timeout=5)) as db:
            rows = [(uid, flags, KEYWORD in keywords.split()) for
                    uid, flags, keywords in db.execute(
                "SELECT uid, shown & 127, ifnull(keywords, '') FROM msg m "
                "JOIN hdr USING (id) JOIN mbox b ON b.id = m.mbox "
                "WHERE b.name = ? ORDER BY uid", (name,))]
            counts = db.execute(
                "SELECT total, unread, flagged, deleted, complete FROM mbox "
                "WHERE name = ?", (name,)).fetchall()
            wishes = db.execute(
                "SELECT uid, want_add, want_del FROM msg m JOIN mbox b ON "
                "b.id = m.mbox WHERE b.name = ? AND (want_add OR want_del)",
                (name,)).fetchall()
        should = [(len(truth), *(sum(test(f) for _, f, _ in truth) for test in
                                 (lambda f: not f & 1, lambda f: f & 4 > 0,
                                  lambda f: f & 8 > 0)), 1)]
        if rows == truth and counts == should and wishes == []:
            return None
        return "%s: has %r, lacks %r, counts %r for %r, wishes %r" % (
            name, sorted(set(rows) - set(truth))[:20],
            sorted(set(truth) - set(rows))[:20], counts, should, wishes)

    def agree(self, name, chaos):
        """Opens a mailbox until it is what the server has."""
        end = time.monotonic() + SETTLE
        due = 0.0
        truth = chaos.truth(name)
        while why := self.differs(name, truth):
            now = time.monotonic()
            assert now < end, why + "\n" + repr(
                bytes(self.screen.raw[-3000:]))
            if now >= due:
                # After so many troubles it would wait for minutes.
                self.screen.send("\x07Z")
                self.visit(name)
                due = now + AGAIN
            self.screen.pump(0.1)
            self.read()
            # Its flags may just have arrived.
            truth = chaos.truth(name)

    def finish(self):
        self.screen.send("\x07\x07i\x07q")
        assert self.screen.wait_exit(60) == 0
        with closing(sqlite3.connect(self.client.cache())) as db:
            assert faults(db) == []

    def check_memory(self):
        """It does not go on growing."""
        third = len(self.memory) // 3
        early, late = max(self.memory[:third]), max(self.memory[-third:])
        print("%s: %d MiB in the first third, %d in the last" % (
            os.path.basename(self.client.home), early // MEGABYTE,
            late // MEGABYTE))
        assert late < early * 1.5 + 32 * MEGABYTE


@pytest.fixture
def server():
    with NetworkDovecot(plaintext="only") as dovecot:
        yield dovecot


def test_everything_at_once(server, make_client):
    rng = random.Random(4)
    chaos = Chaos(server, rng)
    lines = [Line(server, random.Random(i)) for i in (1, 2)]
    users = [User(make_client(), server, line, random.Random(10 + i))
             for i, line in enumerate(lines)]
    try:
        end = time.monotonic() + SECONDS
        deed = 0.0
        while (now := time.monotonic()) < end:
            for each in lines + users:
                each.step(now)
            if now >= deed:
                chaos.do()
                deed = now + rng.choice([0, 0.1, 0.3])
            users[0].screen.pump(0.02)
        while chaos.anew:
            chaos.do()
        for line in lines:
            line.settle()
        # Visiting one mailbox may still bring flags to another.
        for _ in range(2):
            for user in users:
                for name in sorted(user.opened):
                    user.agree(name, chaos)
        print("\n%d deeds of another client; keys %r, troubles %r, "
              "connections %r" % (
                  chaos.deeds, [user.keys for user in users],
                  [line.troubles for line in lines],
                  [len(line.proxy.connections) for line in lines]))
        for user in users:
            user.finish()
            user.check_memory()
    finally:
        for user in users:
            user.client.close()
        for line in lines:
            line.proxy.close()
