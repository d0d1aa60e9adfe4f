# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody who writes: a smew with an editor and a program that sends.

    writer = Writer(make_client, server, tmp_path)  # or the fixture `writer`
    screen = writer.start()
    writer.write()          # until the screen of the message
    screen.send("y")
    message, = writer.sent()
"""

import contextlib
import email
import email.policy
import imaplib
import time
from pathlib import Path

from acting import journal_path, query
from dovecot import Dovecot

MAIL = """From: Bob Builder <bob@example.net>
To: Anna <anna@example.org>, carl@example.com
Cc: dora@example.com
Date: Sat, 14 Nov 2026 10:00:00 +0000
Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=
Message-ID: <first@example.net>
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Hällo Anna,
how are you?
"""
LIST = """From: eve@example.net
To: talk@lists.example.net
Reply-To: eve2@example.net
Date: Sun, 15 Nov 2026 10:00:00 +0000
Subject: A list
Message-ID: <list@example.net>
References: <root@example.net>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

See the file.
--b
Content-Type: application/octet-stream; name=data.bin
Content-Disposition: attachment; filename=data.bin
Content-Transfer-Encoding: base64

AAECAwQ=
--b--
"""
CONFIG = """
set sort = mailbox-order
set sidebar_visible = no
set from = "Anna Example <anna@example.org>"
set editor = "{tmp}/editor"
set sendmail = "{tmp}/sendmail"
set signature = ""
set send_delay = 0
set record = =Sent
set postponed = =Drafts
set recall = no
alias bob Bob Builder <bob@example.net>
"""
EDITOR = """#!/bin/sh
printf '%s\\n' "$1" >> {tmp}/edited
{body}
"""
APPEND = "printf 'Written in the editor.\\n' >> \"$1\""
SENDMAIL = """#!/bin/sh
n=$(ls {tmp}/sent | wc -l)
printf '%s\\n' "$*" > {tmp}/sent/args-$n
cat > {tmp}/sent/.mail-$n
mv {tmp}/sent/.mail-$n {tmp}/sent/mail-$n
"""


class Writer:
    """A smew with an editor and a program that sends."""

    def __init__(self, make_client, server, tmp):
        self.tmp, self.server = tmp, server
        (tmp / "sent").mkdir()
        self.editor(APPEND)
        self.script("sendmail", SENDMAIL)
        self.client = make_client(server.tunnel, CONFIG.format(tmp=tmp))
        self.screen = None

    def script(self, name, text, **more):
        path = self.tmp / name
        path.write_text(text.format(tmp=self.tmp, **more))
        path.chmod(0o700)

    def editor(self, body):
        self.script("editor", EDITOR, body=body)

    def option(self, text):
        with open(self.client.config, "a", encoding="utf-8") as out:
            out.write(text + "\n")

    def start(self, columns=100, rows=30):
        self.screen = self.client.start(columns=columns, rows=rows)
        self.screen.wait_index(2)
        return self.screen

    def answer(self, question, text):
        self.see(question)
        self.screen.send(text)

    def see(self, text):
        """Waits for a text; blanks at the end of a line are not seen."""
        self.screen.wait_for(lambda s: text.rstrip() in s.text())

    def menu(self):
        return self.screen.wait_for("-- Text")

    def back(self):
        return self.screen.wait_gone("-- Text")

    def write(self, to="bob", subject="Hello"):
        self.screen.send("m")
        self.answer("To: ", to + "\r")
        self.answer("Subject: ", subject + "\r")
        self.menu()

    def sent(self, n=1):
        """The messages that were sent, when there are n of them."""
        end = time.monotonic() + 60
        while len(list((self.tmp / "sent").glob("mail-*"))) < n:
            assert time.monotonic() < end, self.screen.text()
            time.sleep(0.05)
        return [email.message_from_bytes(path.read_bytes(),
                                         policy=email.policy.default)
                for path in sorted((self.tmp / "sent").glob("mail-*"))]

    def recipients(self, n=0):
        words = (self.tmp / "sent" / ("args-%d" % n)).read_text().split()
        return words[words.index("--") + 1:] if "--" in words else words

    def stored(self, mailbox, n=1, limit=60):
        """The messages of a mailbox as another client sees them, when there
        are n of them: [(flags, message)]."""
        end = time.monotonic() + limit
        while True:
            with self.server.client() as imap:
                found = messages(imap, mailbox)
            if len(found) == n:
                return found
            assert time.monotonic() < end, (len(found), self.screen.text())
            time.sleep(0.1)

    def outbox(self, column="state"):
        """What the outbox has of each message, the oldest first."""
        return [value for value, in query(
            journal_path(self.client),
            "SELECT %s FROM outbox ORDER BY id" % column)]

    def drafts(self):
        top = Path(self.client.home, "state/smew/default/drafts")
        return sorted(top.iterdir()) if top.is_dir() else []

    def wait_no_drafts(self):
        end = time.monotonic() + 60
        while self.drafts():
            assert time.monotonic() < end, self.screen.text()
            time.sleep(0.05)


def messages(imap, mailbox):
    if imap.select(mailbox, readonly=True)[0] != "OK":
        return []
    found = []
    for uid in imap.uid("SEARCH", "ALL")[1][0].split():
        data = imap.uid("FETCH", uid, "(FLAGS BODY.PEEK[])")[1]
        if data[0] is None:
            continue    # it was removed this instant
        flags = imaplib.ParseFlags(data[0][0] + (data[1] or b""))
        found.append((set(flags), email.message_from_bytes(
            data[0][1], policy=email.policy.default)))
    return found


@contextlib.contextmanager
def two_messages():
    """A server with what can be answered: MAIL and LIST."""
    with Dovecot() as dovecot:
        for text in (MAIL, LIST):
            dovecot.deliver(text.encode())
        with dovecot.client() as imap:
            imap.create("Sent")
            imap.create("Drafts")
        yield dovecot


def recover(writer, *texts):
    """The next smew offers what the last one left."""
    screen = writer.start()
    writer.see("unfinished message")
    screen.send("R")
    writer.menu()
    for text in texts:
        screen.wait_for(text)
    return screen


def wait_for_file(path):
    end = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < end
        time.sleep(0.02)
