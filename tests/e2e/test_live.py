# SPDX-License-Identifier: GPL-3.0-or-later
"""A mailbox that lives: another client adds, flags and expunges in bursts while
the cursor stands in the middle. It never leaves its message, nor its line on
the screen; when the message vanishes the next one takes its line; and a key
hits what was drawn under the cursor when it was pressed.

Some 200 changes by default, 2,000 in each order with SMEW_ALL=1.
"""

import imaplib
import os
import random
import re
import sqlite3
import time
from contextlib import closing
from email.utils import formatdate

import pytest
from dovecot import Dovecot
from sample import Sample

ALL = bool(os.environ.get("SMEW_ALL"))
CHANGES = 2000 if ALL else 70
ORDERS = ["threads", "date", "reverse-date-received"] + ALL * [
    "reverse-last-threads", "subject", "reverse-size", "mailbox-order"]
SIZE = 300
LIMIT = 60.0
DAY = 86400
# Dovecot with maildir may say nothing for ever of what is appended in the moment
# an IDLE begins: the next one brings it, and smew begins one soon and then now
# and then.
CONFIG = """
set imap_keepalive = 15
set sort = %s
set sidebar_visible = no
set mark_old = no
unset resolve
set index_format = "%%4C %%i %%s"
set status_format = "[%%m|%%F|%%d]"
"""
ROW = re.compile(r"^ *(\d+) <(\w+)@live> ")
# As the cache keeps them.
BITS = {"\\Seen": 1, "\\Answered": 2, "\\Flagged": 4, "\\Deleted": 8}
# What a key does to the message under the cursor.
KEYS = {"F": lambda flags: flags ^ {"\\Flagged"},
        "d": lambda flags: flags | {"\\Deleted"},
        "u": lambda flags: flags - {"\\Deleted"}}


class Mail:
    def __init__(self, name, flags):
        self.name, self.flags = name, frozenset(flags)


class Box:
    """INBOX of the server, and what must be in it: {uid: Mail}."""

    def __init__(self, server, rng):
        self.rng, self.mails, self.names = rng, {}, []
        self.imap = server.client()
        self.imap.check_ok(self.imap.select("INBOX"))
        for _ in range(SIZE):
            self.add()

    def mail(self, name):
        rng = self.rng
        when = 1_600_000_000 + rng.randrange(300 * DAY)
        header = "Message-ID: <%s@live>\nFrom: Rita <rita@example.org>\n" \
            "Date: %s\n" % (name, formatdate(when))
        kind = rng.random()
        if kind < 0.5 and self.names:
            header += "Subject: Re: thing\nReferences: <%s@live>\n" % \
                rng.choice(self.names[-60:] + self.names)
        elif kind < 0.6:
            # One that comes later is its parent.
            header += "Subject: Re: child\nReferences: <m%05d@live>\n" % (
                len(self.names) + rng.randrange(1, 40))
        else:
            header += "Subject: about %s\n" % name
        received = 1_600_000_000 + rng.randrange(300 * DAY)
        return received, (header + "\ntext of %s\n" % name).encode()

    def add(self):
        name = "m%05d" % len(self.names)
        when, data = self.mail(name)
        flags = [f for f in ("\\Seen", "\\Flagged")
                 if self.rng.random() < 0.3]
        kind, answer = self.imap.append(
            "INBOX", "(%s)" % " ".join(flags) if flags else None,
            imaplib.Time2Internaldate(time.gmtime(when)),
            data.replace(b"\n", b"\r\n"))
        self.imap.check_ok((kind, answer))
        uid = int(re.search(rb"APPENDUID \d+ (\d+)", answer[0])[1])
        self.mails[uid] = Mail(name, flags)
        self.names.append(name)

    def uid_of(self, name):
        return next((u for u, m in self.mails.items() if m.name == name), 0)

    def flag(self, spared):
        """A flag of one message; of the spared one none that keys change."""
        uid = self.rng.choice(list(self.mails))
        mail = self.mails[uid]
        flag = self.rng.choice(["\\Seen", "\\Answered"] if mail.name == spared
                               else list(BITS))
        sign = "-" if flag in mail.flags else "+"
        mail.flags = mail.flags ^ {flag}
        self.imap.check_ok(self.imap.uid(
            "STORE", str(uid), sign + "FLAGS.SILENT", "(%s)" % flag))

    def expunge(self, names):
        uids = ",".join(str(self.uid_of(name)) for name in names)
        self.imap.check_ok(self.imap.uid("STORE", uids, "+FLAGS.SILENT",
                                         "(\\Deleted)"))
        self.imap.check_ok(self.imap.uid("EXPUNGE", uids))
        for name in names:
            del self.mails[self.uid_of(name)]

    def change(self, spared):
        kind = self.rng.random()
        # It is to stay about as large as it was.
        if kind < 0.35 - (len(self.mails) - SIZE) / 1000:
            self.add()
        elif kind < 0.7:
            self.flag(spared)
        else:
            self.expunge([self.rng.choice([m.name for m in
                                           self.mails.values()
                                           if m.name != spared])])

    def should(self):
        """[(uid, flags)] as the cache has it."""
        return [(uid, sum(BITS[f] for f in mail.flags))
                for uid, mail in sorted(self.mails.items())]

    def truth(self):
        self.imap.check_ok(self.imap.noop())
        _, data = self.imap.uid("FETCH", "1:*", "(FLAGS)")
        # imaplib mixes in what the server said by itself, without UIDs.
        return sorted((int(re.search(rb"UID (\d+)", line)[1]),
                       sum(BITS.get(f.decode(), 0)
                           for f in imaplib.ParseFlags(line)))
                      for line in data if line and b"UID " in line)


class Watch:
    """The cursor of a smew, looked at whenever something was drawn."""

    def __init__(self, client, screen, box):
        self.client, self.screen, self.box = client, screen, box
        self.looks = self.presses = 0
        self.name = self.line = None

    def rows(self):
        """{line: (number, name)}"""
        return {y: (int(m[1]), m[2]) for y, m in
                enumerate(map(ROW.match, self.screen.lines())) if m}

    def cursor(self):
        """(line, number, name) of the row under the cursor, or None."""
        marked = [(y, number, name)
                  for y, (number, name) in self.rows().items()
                  if self.screen.style(y, 60).reverse]
        return marked[0] if len(marked) == 1 else None

    def total(self):
        match = re.search(r"^\[(\d+)\|", self.screen.text(), re.MULTILINE)
        return int(match[1]) if match else 0

    def go_to_the_middle(self):
        number = len(self.box.mails) // 2
        self.screen.send("%d\r" % number)
        self.screen.wait_for(lambda _: self.cursor() and
                             self.cursor()[1] == number, LIMIT)
        self.screen.settle(0.05)
        self.line, _, self.name = self.cursor()

    def where_it_was(self):
        at = self.cursor()
        if not at or at[2] != self.name:
            return False
        # There are no rows above the first one, and at the end new mail
        # scrolls in: only there the line may be another.
        if at[1] - 1 < self.line or at[1] >= self.total() - 1:
            self.line = at[0]
        return at[0] == self.line

    def look(self, seconds=0.0):
        """Takes what was drawn. Half a frame is not judged: what is wrong
        must stay so."""
        if not self.screen.pump(seconds):
            return
        while self.screen.pump(0):
            pass
        self.looks += 1
        end = time.monotonic() + 0.1
        while not self.where_it_was():
            if time.monotonic() > end:
                raise self.screen.error(
                    "the cursor was on %s in line %d" % (self.name,
                                                         self.line))
            self.screen.pump(0.02)

    def cached(self, what="uid, shown & 15", among="1"):
        with closing(sqlite3.connect("file:%s?mode=ro" % self.client.cache(),
                                     uri=True, timeout=5)) as db:
            return db.execute("SELECT %s FROM msg WHERE %s ORDER BY uid" %
                              (what, among)).fetchall()

    def settled(self):
        """Whether screen and cache are what the server must have."""
        should = self.box.should()
        status = "[%d|%d|%d]" % (len(should),
                                 sum(f & 4 > 0 for _, f in should),
                                 sum(f & 8 > 0 for _, f in should))
        if not any(line.startswith(status) for line in self.screen.lines()):
            return False
        return self.cached() == should and \
            self.cached(among="want_add OR want_del") == []

    def difference(self):
        should, cached = set(self.box.should()), set(self.cached())
        return "lacks %r, has %r, waiting %r, the server has %s" % (
            sorted(should - cached), sorted(cached - should),
            self.cached("uid, want_add, want_del",
                        "want_add OR want_del"),
            "that" if self.box.truth() == sorted(should) else "another")

    def settle(self, look):
        end = time.monotonic() + LIMIT
        while not self.settled():
            look(0.1)
            if time.monotonic() > end:
                raise self.screen.error(self.difference())
        assert self.box.truth() == self.box.should()

    def press(self):
        """A key on what is drawn now; the server must say it was hit. It
        changes something: else nobody could tell when it was done."""
        mail = self.box.mails[self.box.uid_of(self.cursor()[2])]
        key = self.box.rng.choice(
            "FFu" if "\\Deleted" in mail.flags else "FFd")
        mail.flags = frozenset(KEYS[key](mail.flags))
        self.screen.send(key)
        self.presses += 1

    def burst(self, size):
        press_at = self.box.rng.randrange(size + 1)
        for i in range(size):
            if i == press_at:
                self.look()
                self.press()
            self.box.change(self.name)
            self.look()
        self.settle(self.look)
        self.press()
        self.settle(self.look)

    def vanish(self, threaded):
        """The message under the cursor goes, with some that follow it."""
        line, _, name = self.cursor()
        rows = self.rows()
        below = [rows[y][1] for y in sorted(rows) if y > line]
        if not below:
            return 0
        more = min(self.box.rng.randrange(4), len(below) - 1)
        self.box.expunge([name] + below[:more])
        self.settle(self.screen.pump)
        self.screen.wait_for(lambda _: self.cursor() and
                             self.cursor()[2] != name, LIMIT)
        at = self.cursor()
        # Threads are sorted anew when messages go one by one.
        if more == 0 or not threaded:
            assert at[2] == below[more], (at, below, more)
        assert at[0] == line or at[1] - 1 < line, (at, line)
        self.line, _, self.name = at
        self.press()
        self.settle(self.look)
        return 1 + more

    def is_in_the_middle(self):
        number, total = self.cursor()[1], self.total()
        return total / 4 < number < total * 3 / 4


@pytest.mark.parametrize("sort", ORDERS)
def test_the_cursor_stays(make_client, sort):
    rng = random.Random("live " + sort)
    with Dovecot() as server:
        box = Box(server, rng)
        client = make_client(server.tunnel, CONFIG % sort)
        screen = client.start(columns=80, rows=24)
        watch = Watch(client, screen, box)
        screen.wait_for(lambda _: watch.cursor(), LIMIT)
        watch.settle(screen.pump)
        watch.go_to_the_middle()
        done = bursts = vanished = 0
        while done < CHANGES:
            size = rng.choice([1, 2, 5, 10, 20, 30])
            watch.burst(size)
            done += size
            bursts += 1
            if bursts % 3 == 0:
                done += watch.vanish("threads" in sort)
                vanished += 1
            if not watch.is_in_the_middle():
                watch.go_to_the_middle()
        print("\n%s: %d changes in %d bursts, %d times the cursor's message, "
              "%d keys, %d looks" % (sort, done, bursts, vanished,
                                     watch.presses, watch.looks))
        assert watch.looks > bursts
        screen.send("x")        # q would ask about the deleted ones
        assert screen.wait_exit() == 0


def written(pid):
    """The octets a process wrote, to whatever."""
    with open("/proc/%d/io" % pid, encoding="ascii") as io:
        return int(re.search(r"wchar: (\d+)", io.read())[1])


def clog(screen):
    """Nobody reads the terminal: draws until no frame gets out any more."""
    end = time.monotonic() + LIMIT
    idle = 0
    while idle < 10:
        before = written(screen.pid)
        screen.send("\x0c")
        time.sleep(0.05)
        idle = 0 if written(screen.pid) > before + 1000 else idle + 1
        assert time.monotonic() < end, "the terminal takes everything"


def test_a_key_means_what_was_drawn(make_client):
    """What takes the place of a vanished message is not hit before it was
    drawn, however long the terminal takes."""
    with Dovecot() as server:
        box = Box(server, random.Random("clogged"))
        client = make_client(server.tunnel, CONFIG % "date")
        screen = client.start(columns=200, rows=50)
        watch = Watch(client, screen, box)
        screen.wait_for(lambda _: watch.cursor(), LIMIT)
        watch.settle(screen.pump)
        watch.go_to_the_middle()
        line, _, name = watch.cursor()
        heir = watch.rows()[line + 1][1]
        clog(screen)
        count = len(box.mails)
        box.expunge([name])
        end = time.monotonic() + LIMIT
        while len(watch.cached()) == count:
            assert time.monotonic() < end
            time.sleep(0.02)
        # Time for what was expunged to get as far as it may.
        time.sleep(1)
        screen.send("d")
        watch.settle(screen.pump)
        screen.wait_for(lambda _: watch.cursor() and
                        watch.cursor()[2] == heir, LIMIT)
        assert watch.cursor()[0] == line
        screen.send("F")
        mail = box.mails[box.uid_of(heir)]
        mail.flags = mail.flags ^ {"\\Flagged"}
        watch.settle(screen.pump)


@pytest.mark.parametrize("keys", ["x", "\tF"])
def test_what_follows_a_jump_means_where_it_leads(make_client, server, keys):
    """In a macro, and typed faster than the place is found."""
    client = make_client(server.tunnel, "set sort = mailbox-order\n"
                         "unset resolve\n"
                         "macro index x '<next-new><flag-message>'\n")
    screen = client.start()
    screen.wait_index(20)
    screen.send("=")
    first = screen.wait_for(lambda s: s.current() and
                            s.current().number == 1 and s.current())
    assert "N" not in first.flags and "!" not in first.flags
    screen.send(keys)
    screen.wait_for(lambda s: s.current() and s.current().number > 1 and
                    "!" in s.current().flags)
    assert "!" not in screen.rows()[0].flags


@pytest.mark.parametrize("function, then", [
    ("display-message", lambda s: "Subject: " in s.text()),
    ("flag-message", lambda s: "!" in s.current().flags)])
def test_a_function_waits_for_its_row(make_client, function, then):
    """A jump over a long list: the row it leads to is not in memory yet."""
    with Dovecot() as server:
        server.fill(Sample(size=1500))
        client = make_client(server.tunnel, "set sort = mailbox-order\n"
                             "unset resolve sidebar_visible\n"
                             "macro index x '<last-entry><%s>'\n" % function)
        screen = client.start()
        screen.wait_for(r"Msgs:1500")
        screen.wait_gone("Fetching", 60)
        screen.send("=")
        screen.wait_for(lambda s: s.current() and s.current().number == 1)
        screen.send("x")
        screen.wait_for(lambda s: s.current() and
                        s.current().number == 1500)
        screen.wait_for(then)
