# SPDX-License-Identifier: GPL-3.0-or-later
"""The benchmark's server: Dovecot on loopback with mdbox and without fsync,
one user a mailbox, and the store of mailboxes that is kept between runs.

    with Host(cache_directory) as host:
        host.mailbox(Corpus(10000))     # the user "m10000", made once
        host.ports, host.dovecot.ca
"""

import imaplib
import os
import re
import shlex
import shutil
import ssl
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../../tests/lib"))
from network import NetworkDovecot     # noqa: E402

PASSWORD = "benchmark"
VERSION = "2"           # of what is in the store
BATCH = 400

# What clients ask of the index is computed when a message is saved, as on a
# server that has been used; processes wait for clients, as on a busy one.
MORE = """
mail_location = mdbox:%(mail)s/%%u
mail_fsync = never
mdbox_rotate_size = 64M
mail_always_cache_fields = flags date.received size.virtual imap.envelope \
imap.bodystructure hdr.from hdr.to hdr.cc hdr.subject hdr.date \
hdr.message-id hdr.references hdr.in-reply-to hdr.list-id
imap_idle_notify_interval = 29 mins
auth_verbose = no
ssl = %(ssl)s
default_vsz_limit = 8G
service imap-login {
  process_min_avail = 2
  service_count = 0
}
service imap {
  process_min_avail = 4
}
"""


class Server(NetworkDovecot):
    tls = False

    def _write_network(self, mechanisms, plaintext):
        super()._write_network(mechanisms, plaintext)
        with open(self.config, encoding="utf-8") as old:
            text = old.read()
        text = text.replace(
            "driver = passwd-file\n  args = %s/users" % self.root,
            "driver = static\n  args = password=" + PASSWORD)
        with open(self.config, "w", encoding="utf-8") as out:
            out.write(text + MORE % {"mail": self.mail,
                                      "ssl": "yes" if self.tls else "no"})

    def _write_users(self):
        """Whoever comes has a mailbox and the same password."""

    def pipe(self, user):
        """An imap process of this user over a pipe, signed in."""
        return imaplib.IMAP4_stream("exec env USER=%s %s 2>/dev/null" % (
            shlex.quote(user), " ".join(map(shlex.quote, self.argv[2:]))))


class Host:
    def __init__(self, store, say=lambda text: None, tls=False):
        self.store = os.path.join(store, "v" + VERSION)
        self.say = say
        os.makedirs(self.store, exist_ok=True)
        # Without TLS none is offered: some programs would take it.
        self.tls = Server.tls = tls
        self.dovecot = Server(mechanisms="plain login", plaintext=True)
        self.dovecot.host = "127.0.0.1"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.dovecot.close()

    # ---- mailboxes ----

    def mailbox(self, corpus):
        """A fresh copy of the corpus' mailbox; returns its user."""
        user = corpus.seed
        kept = os.path.join(self.store, user)
        place = os.path.join(self.dovecot.mail, user)
        if not os.path.exists(os.path.join(kept, "complete")):
            self._make(corpus, user, place, kept)
        else:
            subprocess.run(["cp", "-a", "--reflink=auto", kept, place],
                           check=True)
        # Who writes to the disk next would wait for the copy.
        os.sync()
        return user

    def _make(self, corpus, user, place, kept):
        started = time.monotonic()
        save(self.dovecot.pipe(user), corpus, self.say)
        shutil.rmtree(kept, ignore_errors=True)
        subprocess.run(["cp", "-a", "--reflink=auto", place, kept],
                       check=True)
        with open(os.path.join(kept, "complete"), "w", encoding="ascii"):
            pass
        self.say("%s made in %.0f s" % (user, time.monotonic() - started))

    def connect(self, user):
        """A client of the server, without the proxy."""
        if self.tls:
            imap = imaplib.IMAP4_SSL(
                "127.0.0.1", self.dovecot.imaps_port,
                ssl_context=ssl.create_default_context(cafile=self.dovecot.ca))
        else:
            imap = imaplib.IMAP4("127.0.0.1", self.dovecot.imap_port)
        imap.login(user, PASSWORD)
        return imap


def append(imap, messages):
    """One MULTIAPPEND; messages: (octets, flags, time or None)."""
    tag = imap._new_tag()
    out = [tag, b" APPEND INBOX"]
    for data, flags, when in messages:
        out.append((" (%s)%s {%d+}\r\n" % (
            flags, "" if when is None else time.strftime(
                ' "%d-%b-%Y %H:%M:%S +0000"', time.gmtime(when)),
            len(data))).encode())
        out.append(data)
    out.append(b"\r\n")
    imap.send(b"".join(out))
    while True:
        line = imap.readline()
        if not line:
            raise OSError("the server closed the connection")
        if line.startswith(tag):
            if b" OK" not in line:
                raise OSError("the server refused: %r" % line)
            found = re.search(rb"APPENDUID \d+ (\d+)(?::(\d+))?", line)
            return range(int(found[1]), int(found[2] or found[1]) + 1)


def save(imap, corpus, say):
    batch = []
    for i in range(corpus.size):
        batch.append(corpus.message(i))
        if len(batch) == BATCH or i == corpus.size - 1:
            append(imap, batch)
            batch = []
        if i and i % max(20000, corpus.size // 10) == 0:
            say("%s: %d messages" % (corpus.seed, i))
    # What programs ask beyond the always cached: the server learns it now.
    imap.select("INBOX")
    ask(imap, "1:* (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE"
        " BODY.PEEK[HEADER.FIELDS (DATE FROM SENDER SUBJECT TO CC MESSAGE-ID"
        " REFERENCES CONTENT-TYPE CONTENT-DESCRIPTION IN-REPLY-TO REPLY-TO"
        " LINES LIST-POST LIST-SUBSCRIBE LIST-UNSUBSCRIBE LIST-ID X-LABEL"
        " X-ORIGINAL-TO)])")
    imap.logout()


def ask(imap, what):
    """FETCH without keeping the answer, which may be large."""
    tag = imap._new_tag()
    imap.send(b"%s FETCH %s\r\n" % (tag, what.encode()))
    tail = b""
    while tag + b" " not in tail:
        tail = tail[-40:] + imap.readfile.read1(1 << 18)

