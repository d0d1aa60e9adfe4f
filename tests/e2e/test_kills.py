# SPDX-License-Identifier: GPL-3.0-or-later
"""kill -9 while the cache is filled and while it is brought up to date: it is a
consistent whole afterwards, and nothing it has is fetched once more.

12 kills by default, 100 with SMEW_ALL=1, at random instants of a fixed seed.
"""

import imaplib
import os
import random
import re
import shutil
import sqlite3
import time
from contextlib import closing

import pytest
from cachefile import faults
from network import NetworkDovecot
from proxy import FROM_CLIENT, Fault, Proxy
from screen import Unwatched

KILLS = 50 if os.environ.get("SMEW_ALL") else 6     # of each kind
SIZE = 1500
EACH = 3 if KILLS > 6 else 2      # before it may come to its end
LIMIT = 60.0
MAIL = """From: Rita Novak <rita@example.org>
To: anna@example.org
Subject: %s
Message-ID: <%d@kills>
References: <%d@kills>
Date: Mon, 20 Nov 2023 10:%02d:%02d +0000

text of %d
"""
BITS = {"\\Seen": 1, "\\Answered": 2, "\\Flagged": 4, "\\Deleted": 8}
OPENLY = """set ssl_force_tls = no
set imap_deflate = no
"""
# A line slow enough to be killed on: octets a second.
FILLING, RESYNC = 800_000, 100_000
# A resync by one command, by several, and by comparing everything.
WAYS = ["", "unset imap_qresync\n",
        "unset imap_qresync\nunset imap_condstore\n"]
# What asks for rows, by UID or by number.
ROWS = re.compile(rb"^\S+ (UID )?FETCH (\S+) \(.*BODY", re.MULTILINE)


def numbers(text):
    """Of a set of UIDs: [(first, last)]; * is the highest there may be."""
    found = []
    for part in text.split(","):
        ends = [float("inf") if end == "*" else int(end)
                for end in part.split(":")]
        found.append((min(ends), max(ends)))
    return found


class Account:
    """A mailbox, and the smew that is killed over it."""

    def __init__(self, client, server, directory):
        self.client, self.server = client, server
        self.directory = str(directory)
        self.proxy = Proxy(server.imap_port)
        self.written = 0
        self.runs = []      # (first connection, UIDs that were there before)
        self.screen = None
        self.kills = self.within = 0
        for _ in range(SIZE):
            self.deliver()

    def deliver(self):
        i = self.written
        subject = "Re: thing" if i % 3 else "about %d" % i
        text = MAIL % (subject, i, i - i % 7, i // 60 % 60, i % 60, i)
        self.server.deliver(text.encode())
        self.written += 1

    # ---- the server ----

    def truth(self):
        with self.server.client() as imap:
            imap.check_ok(imap.select("INBOX", readonly=True))
            _, data = imap.uid("FETCH", "1:*", "(FLAGS)")
        return sorted((int(re.search(rb"UID (\d+)", line)[1]),
                       sum(BITS.get(f.decode(), 0)
                           for f in imaplib.ParseFlags(line)))
                      for line in data if line and b"UID " in line)

    def change(self, rng):
        """What somebody else does while smew is away."""
        with self.server.client() as imap:
            uids = imap.uids()
            rng.shuffle(uids)
            gone, flagged, other = (",".join(map(str, part)) for part in
                                    (uids[:60], uids[60:200], uids[200:260]))
            imap.check_ok(imap.uid("STORE", gone, "+FLAGS.SILENT",
                                   "(\\Deleted)"))
            imap.check_ok(imap.uid("EXPUNGE", gone))
            for some, what in ((flagged, "+FLAGS.SILENT"),
                               (other, "-FLAGS.SILENT")):
                imap.check_ok(imap.uid("STORE", some, what,
                                       "(\\Seen \\Flagged)"))
        for _ in range(120):
            self.deliver()

    # ---- the cache ----

    def query(self, sql, path=None):
        try:
            with closing(sqlite3.connect(
                    "file:%s?mode=ro" % (path or self.client.cache()),
                    uri=True, timeout=5)) as db:
                return db.execute(sql).fetchall()
        except sqlite3.OperationalError:
            return []           # it is not there yet

    def cached(self, path=None):
        return self.query("SELECT uid, shown & 15 FROM msg ORDER BY uid",
                          path)

    def inspect(self):
        """What a kill left, looked at in a copy; its UIDs."""
        kept = os.path.join(self.directory, "kept")
        shutil.rmtree(kept, ignore_errors=True)
        os.mkdir(kept)
        for suffix in ("", "-wal"):
            if os.path.exists(self.client.cache() + suffix):
                shutil.copy(self.client.cache() + suffix, kept)
        path = os.path.join(kept, "cache.db")
        if not os.path.exists(path):
            return []
        with closing(sqlite3.connect(path)) as db:
            if not db.execute("SELECT 1 FROM sqlite_schema").fetchall():
                return []
            assert faults(db) == []
            return [uid for uid, in db.execute("SELECT uid FROM msg")]

    # ---- smew ----

    def start(self):
        self.runs.append((len(self.proxy.connections), self.inspect()))
        self.screen = Unwatched(
            [self.client.program, "-n", "-F", self.client.config], 80, 24,
            self.client.env)
        self.client.screens.append(self.screen)

    def right(self, truth):
        """How many messages are as they must be."""
        return len(set(truth) & set(self.cached()))

    def is_up_to_date(self, truth):
        return self.query("SELECT complete FROM mbox WHERE name = 'INBOX'") \
            == [(1,)] and self.cached() == truth

    def kill(self, rng, truth):
        """Soon after the start, or when so much of what lacks is there."""
        have = self.right(truth)
        wanted = have + rng.random() ** 2 * (len(truth) - have)
        early = rng.random() < 0.4
        self.start()
        end = time.monotonic() + (rng.uniform(0.02, 0.4) if early else LIMIT)
        while time.monotonic() < end and (
                early or self.right(truth) < wanted):
            self.screen.pump(0.002)
        self.screen.pump(rng.uniform(0, 0.02))
        self.screen.kill()
        assert self.screen.wait_exit() == -9
        self.screen.close()
        self.kills += 1
        self.inspect()
        self.within += not self.is_up_to_date(truth)

    def finish(self, truth):
        self.start()
        end = time.monotonic() + LIMIT
        while not self.is_up_to_date(truth):
            self.screen.pump(0.02)
            assert self.screen.status is None
            assert time.monotonic() < end, \
                "it does not come to what the server has"
        self.screen.send("q")
        assert self.screen.wait_exit() == 0
        self.screen.close()
        self.inspect()

    def check_dialogue(self):
        """No row that was in the cache is asked for."""
        asked = 0
        ends = [first for first, _ in self.runs[1:]] + [None]
        for (first, before), end in zip(self.runs, ends):
            said = b"\n".join(connection.heard(FROM_CLIENT) for connection in
                              self.proxy.connections[first:end])
            for by_uid, what in ROWS.findall(said):
                asked += 1
                again = before if not by_uid else [
                    uid for low, high in numbers(what.decode())
                    for uid in before if low <= uid <= high]
                assert again == [], what
        self.runs = []
        return asked

    def configure(self, rate, way=""):
        self.proxy.plan = lambda number: Fault(delay=0.002, rate=rate)
        self.client.write(config=self.server.settings("imap").replace(
            ":%d\n" % self.server.imap_port, ":%d\n" % self.proxy.port) +
            OPENLY + way)


@pytest.fixture
def account(make_client, tmp_path):
    with NetworkDovecot(plaintext="only") as server:
        account = Account(make_client(), server, tmp_path)
        account.configure(FILLING)
        yield account
        account.client.close()
        account.proxy.close()


def report(account, what, asked):
    print("\n%s: %d kills, %d before it was done, %d times rows were asked "
          "for" % (what, account.kills, account.within, asked))
    assert asked > 0
    # The instants must be those that matter.
    assert account.within * 4 >= account.kills


def test_during_the_fill(account):
    rng = random.Random("fill")
    truth = account.truth()
    asked = 0
    while account.kills < KILLS:
        shutil.rmtree(os.path.dirname(account.client.cache()), True)
        for _ in range(EACH):
            account.kill(rng, truth)
        account.finish(truth)
        asked += account.check_dialogue()
    report(account, "fill", asked)


def test_during_the_resync(account):
    rng = random.Random("resync")
    account.finish(account.truth())
    asked = rounds = 0
    while account.kills < KILLS:
        account.configure(RESYNC, WAYS[rounds % len(WAYS)])
        account.change(rng)
        truth = account.truth()
        for _ in range(EACH):
            account.kill(rng, truth)
        account.finish(truth)
        asked += account.check_dialogue()
        rounds += 1
    report(account, "resync", asked)
