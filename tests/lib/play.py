# SPDX-License-Identifier: GPL-3.0-or-later
"""smew against a scripted server: its screen, the dialogue, its cache."""

import os
import re
import sqlite3

from client import Client
from scripted import Script

LIMIT = 40.0
SIZE = re.compile(r"│ +\d+ .*\([ \d.KMG]{4,5}\) ")


def in_idle(text, word="go"):
    """A block: the first IDLE, and what is said in it when the test says so
    (`script.go(word)`)."""
    return ("once IDLE\nS: + idling\nawait %s\n%s\nc: DONE\n"
            "S: $tag OK done\nend\n" % (word, text.strip("\n")))


class Play:
    """One account with one connection, so that there is one dialogue;
    `start()` more than once is one cache, one script."""

    def __init__(self, program, directory, text, config=""):
        os.mkdir(directory, 0o700)
        home = os.path.join(directory, "home")
        os.mkdir(home, 0o700)
        self.script = Script(text, directory)
        self.client = Client(program, home, self.script.tunnel,
                             "set imap_connections = 1\n" + config)
        self.log_path = os.path.join(home, "log")
        self.screen = None

    def start(self, *arguments, **keywords):
        self.screen = self.client.start("-d", "2", "-l", self.log_path,
                                        *arguments, **keywords)
        return self.screen

    def log(self):
        """What is logged: unlike the screen it does not pass."""
        with open(self.log_path, encoding="utf-8") as log:
            return log.read()

    def quit(self):
        self.screen.send("q")
        assert self.screen.wait_exit() == 0
        self.screen.close()

    # ---- the screen ----

    def wait(self, what, limit=LIMIT):
        return self.screen.wait_for(what, limit)

    def subjects(self):
        """Of all rows, also those without a date or sender."""
        return [line.rsplit(") ", 1)[1].strip()
                for line in self.screen.lines() if SIZE.search(line)]

    def shows(self, *uids):
        """Waits until the index has these messages of messages.py and no
        other ones."""
        wanted = sorted("Message %d" % uid for uid in uids)
        self.wait(lambda s: sorted(self.subjects()) == wanted)

    def alive(self):
        """Keys are answered: the prompt opens and closes."""
        self.screen.send(":still here")
        self.wait("^:still here")
        self.screen.send("\x07")
        self.wait(lambda s: ":still here" not in s.text())

    # ---- the dialogue ----

    def said(self, pattern, times=1):
        """Waits until the client has said it so often."""
        self.wait(lambda s: len(self.script.said(pattern)) >= times)

    def idles(self, times=1):
        self.wait(lambda s: self.script.lines().count("S: + idling") >= times)

    # ---- the cache ----

    def cache(self, query, *values):
        path = "file:%s?mode=ro" % self.client.cache()
        try:
            db = sqlite3.connect(path, uri=True, timeout=10)
        except sqlite3.OperationalError:
            return []
        try:
            return db.execute(query, values).fetchall()
        except sqlite3.OperationalError:
            return []       # not made yet
        finally:
            db.close()

    def uids(self, mailbox="INBOX"):
        return [row[0] for row in self.cache(
            "SELECT uid FROM msg JOIN mbox ON mbox.id = msg.mbox"
            " WHERE mbox.name = ? ORDER BY uid", mailbox)]

    def holds(self, *uids, mailbox="INBOX"):
        """Waits until the cache has these messages and no other ones."""
        self.wait(lambda s: self.uids(mailbox) == sorted(uids))

    def mailbox(self, column, name="INBOX"):
        found = self.cache("SELECT %s FROM mbox WHERE name = ?" % column,
                           name)
        return found[0][0] if found else None

    def bodies(self, uid):
        return [bytes(row[0]) for row in self.cache(
            "SELECT data FROM body JOIN msg ON msg.id = body.id"
            " WHERE uid = ?", uid)]
