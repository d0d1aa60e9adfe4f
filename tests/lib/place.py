# SPDX-License-Identifier: GPL-3.0-or-later
"""A mailbox of eight messages in four threads, on a screen and on the server.

    place = Place(net, make_client)     # net: a NetworkDovecot
    place.go("b1")
    place.type("F", "Flags of 1 message changed")
    place.wait_server("b1", "\\Flagged")
"""

import imaplib
import itertools
import os
import re
import time

CONFIG = """
set sidebar_visible = no
set index_format = "%4C %Z %s"
set status_format = "[%f|%m|%d|%t|%n]"
set sort = threads
set quit = yes
"""
ROW = re.compile(r"^ *(\d+) (...) .*?(\w+)\s*$")
NAMES = ("a1", "a2", "a3", "a4", "b1", "b2", "c1", "d1")
# What each answers: a1 (a2 (a3), a4), b1 (b2), c1, d1.
PARENTS = {"a2": ["a1"], "a3": ["a1", "a2"], "a4": ["a1"], "b2": ["b1"]}
LIMIT = float(os.environ.get("SMEW_TEST_LIMIT", "60"))
UNDONE = "Undone: "
SERIAL = itertools.count(1)


def mail(name, serial):
    parents = " ".join("<%s.%d@example.org>" % (p, serial)
                       for p in PARENTS.get(name, ()))
    return ("From: Rita <rita@example.org>\r\nTo: anna@example.org\r\n"
            "Date: Fri, 20 Nov 2026 10:%02d:00 +0000\r\n"
            "Subject: %s\r\nMessage-ID: <%s.%d@example.org>\r\n%s"
            "\r\nText of %s\r\n" % (
                NAMES.index(name) if name in NAMES else 0, name, name, serial,
                "References: %s\r\n" % parents if parents else "",
                name)).encode()


class Place:
    """A mailbox, on the screen of one client and as the server has it."""

    def __init__(self, net, make_client, names=NAMES, config=""):
        self.net = net
        self.serial = next(SERIAL)
        self.folder = "Place%d" % self.serial
        start = time.time() - 1000
        for i, name in enumerate(names):
            net.deliver(mail(name, self.serial), self.folder, start + i)
        self.client = make_client(config=net.settings() + CONFIG + config)
        self.start(len(names))
        # Until the list of mailboxes has come.
        self.screen.send("c=Arch")
        self.screen.wait_for(lambda s: s.find("mailbox: =Archive")
                             or s.send("\t"), LIMIT)
        self.screen.send("\x07")

    def start(self, n):
        self.screen = self.client.start("-f", "=" + self.folder)
        self.screen.wait_for(lambda s: len(rows(s)) == min(n, 20), LIMIT)
        self.screen.send("=")
        self.screen.wait_for(lambda s: current(s) == rows(s)[0][1], LIMIT)

    def on_server(self, folder=None):
        """{name: flags} of this test's messages."""
        found = {}
        with self.net.client() as imap:
            imap.check_ok(imap.select(folder or self.folder, readonly=True))
            data = imap.uid("FETCH", "1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS "
                            "(SUBJECT MESSAGE-ID)])")[1]
        for item in data:
            if not isinstance(item, tuple):
                continue
            head = item[1].decode()
            if ".%d@" % self.serial in head:
                name = re.search(r"Subject: (\w+)", head)[1]
                assert name not in found, "%s is there twice" % name
                found[name] = {f.decode() for f in
                               imaplib.ParseFlags(item[0])} - {"\\Recent"}
        return found

    def wait_server(self, names, flag=None, folder=None):
        """Until just these messages are there, or have the flag."""
        names = set(names.split())
        limit = time.monotonic() + LIMIT
        while True:
            now = self.on_server(folder)
            if {n for n in now if flag is None or flag in now[n]} == names:
                return
            assert time.monotonic() < limit, (names, flag, now)
            time.sleep(0.1)

    def type(self, keys, *patterns):
        self.screen.send(keys)
        for pattern in patterns:
            self.screen.wait_for(pattern, LIMIT)

    def wait_rows(self, names):
        self.screen.wait_for(
            lambda s: [r[1] for r in rows(s)] == names.split(), LIMIT)

    def wait_marked(self, letter, names):
        """Until just these rows have the letter among their flags."""
        self.screen.wait_for(lambda s: {r[1] for r in rows(s)
                                        if letter in r[0]}
                             == set(names.split()), LIMIT)

    def go(self, name):
        """Puts the cursor on a message."""
        self.screen.send("/~s ^%s$\r" % name if current(self.screen) != name
                         else "")
        self.screen.wait_for(lambda s: current(s) == name, LIMIT)


def rows(screen):
    """[(flags, name)] of the rows on the screen."""
    return [(m[2], m[3]) for m in map(ROW.match, screen.lines()) if m]


def current(screen):
    for y, line in enumerate(screen.lines()):
        match = ROW.match(line)
        if match and screen.style(y, 50).reverse:
            return match[3]
    return None


def copies(place, name, folder="Elsewhere"):
    """[(INTERNALDATE, flags and the message)] there."""
    found = []
    with place.net.client() as imap:
        imap.check_ok(imap.select(folder, readonly=True))
        data = imap.uid("FETCH", "1:*", "(FLAGS INTERNALDATE BODY.PEEK[])")[1]
    for item in data:
        if isinstance(item, tuple) and (
                b"<%s.%d@example.org>" % (name.encode(), place.serial)
                in item[1]):
            found.append((item[0].decode(), item[1]))
    return found
