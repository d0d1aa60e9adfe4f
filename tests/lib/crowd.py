# SPDX-License-Identifier: GPL-3.0-or-later
"""Many smews at once, each with a mailbox of its own behind a proxy of its own.

    def story(smew):                    # a generator: it yields while it waits
        yield from smew.start()
        smew.proxy.cut("rst")
        smew.mailbox.deliver("fifth")
        yield from smew.until("new mail", lambda: smew.complete(5))
        yield from smew.leave()
    run([Smew(make_client, Mailbox(server, 0), "openly", story)])

Nobody looks at their screens: what counts is the cache, and what another
client sees on the server. The first user is u0 of NetworkDovecot(users=N).
"""

import imaplib
import os
import re
import select
import shutil
import sqlite3
import time
from contextlib import closing

from network import PASSWORD
from proxy import Proxy
from screen import Unwatched

LIMIT = 60.0        # seconds for each wait
AGAIN = 2.0         # a key that had no effect is pressed again
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
        for _ in range(5):
            try:
                return self._ask()
            except imaplib.IMAP4.abort:     # it may be too busy
                time.sleep(1)
        raise AssertionError("no server: " + self.server.log()[-1000:])

    def _ask(self):
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


class Smew:
    def __init__(self, make_client, mailbox, config, story, plan=None,
                 program=None, env=None):
        """config: "openly", "starttls" or "imaps". plan: of the proxy.
        program, env: instead of the one under test, beside its settings."""
        server = mailbox.server
        self.mailbox, self.story = mailbox, story
        secure = config == "imaps"
        self.proxy = Proxy(server.imaps_port if secure else server.imap_port,
                           plan=plan)
        text = OPENLY if config == "openly" else CONFIG
        self.client = make_client(config=text % {
            "scheme": "imaps" if secure else "imap",
            "user": mailbox.user, "port": self.proxy.port,
            "password": PASSWORD, "ca": server.ca})
        self.program = program or self.client.program
        self.env = {**self.client.env, **(env or {})}
        self.limit = LIMIT
        self.again = 0          # keys that had to be pressed again
        self.problem = None
        self.screen = None
        self.truth = None
        self.steps = story(self)

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

    def settled(self):
        return self.query("SELECT 1 FROM msg WHERE want_add OR want_del") \
            == [] and self.rows() == self.truth

    def drawn(self, text, since=0):
        return lambda: self.screen.raw.find(text, since) >= 0

    # ---- doing ----

    def until(self, what, check, keys=None):
        end = time.monotonic() + self.limit
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

    @staticmethod
    def wait(seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            yield

    def launch(self):
        self.screen = Unwatched(
            [self.program, "-n", "-F", self.client.config], 80, 24, self.env)
        self.client.screens.append(self.screen)

    def start(self):
        """Until the whole mailbox is in the cache and on the screen."""
        self.launch()
        yield from self.until("the index", self.drawn(b"the fourth"))
        yield from self.until("the fill", lambda: self.complete(4))

    def agree(self):
        """Until the cache is what the server has."""
        self.truth = self.mailbox.truth()
        subjects = [subject for _, _, subject in self.truth]
        assert len(set(subjects)) == len(subjects)
        yield from self.until("what the server has", self.settled)
        assert self.query("PRAGMA integrity_check") == [("ok",)]

    def leave(self):
        self.screen.send("q")
        end = time.monotonic() + self.limit
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
            self.problem = "%s; rows %r; the screen ended with %r" % (
                error, self.rows(),
                bytes(self.screen.raw[-300:]) if self.screen else b"")
            print(self.problem, flush=True)     # of a long run, at once
        self.close()
        return False

    def close(self):
        self.client.close()
        self.proxy.close()
        if not self.problem and not self.client.sanitizer_reports():
            shutil.rmtree(self.client.home)
            shutil.rmtree(os.path.dirname(self.mailbox.path), True)


def run(smews, at_once=16):
    """Gives them back when all are over. `smews` may be a generator: a new
    one is made when another one is over."""
    running, done = [], []
    more = iter(smews)
    while True:
        while len(running) < at_once:
            smew = next(more, None)
            if smew is None:
                break
            running.append(smew)
        if not running:
            return done
        over = [smew for smew in running if not smew.step()]
        done += over
        running = [smew for smew in running if smew not in over]
        fds = [smew.screen.fd for smew in running if smew.screen]
        select.select(fds, [], [], 0.02)
