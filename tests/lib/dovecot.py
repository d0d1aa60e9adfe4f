# SPDX-License-Identifier: GPL-3.0-or-later
"""A real IMAP server without port, account or daemon: Dovecot's own `imap`
program over a pipe, already logged in (PREAUTH).

    with Dovecot() as server:
        server.fill(Sample(size=20))
        server.tunnel                       # for `set tunnel = "..."`
        server.deliver(b"Subject: hello\n\nworld\n")
        with server.client() as imap:       # another client: imaplib
            imap.select("INBOX")
            imap.uid("STORE", "7", "+FLAGS", "\\Flagged")

What has to be so, and why (Dovecot 2.3):
 - `imap` refuses to run without USER in its environment.
 - As root it refuses mail of uid 0: the mail belongs to `nobody`, with
   first_valid_uid = 0, in a directory that `nobody` can enter.
 - It writes its log to standard error, whatever log_path says.
 - `doveadm -u USER` asks an auth service that does not run here: USER in the
   environment and no -u.
 - IDLE sees other clients through inotify in about half a second.
"""

import contextlib
import imaplib
import os
import pwd
import shlex
import shutil
import subprocess
import tempfile
import time

import sample as sample_module

IMAP = "/usr/lib/dovecot/imap"
CONFIG = """
base_dir = %(root)s/run
state_dir = %(root)s/run
log_path = %(root)s/log
mail_location = maildir:%(mail)s:LAYOUT=fs:INBOX=%(mail)s/INBOX:UTF-8
mail_home = %(root)s/home
%(owner)s
first_valid_uid = 0
ssl = no
protocols = imap
maildir_very_dirty_syncs = yes
mailbox_idle_check_interval = 2 secs
namespace inbox {
  inbox = yes
  separator = /
%(special)s}
"""


class Dovecot:
    def __init__(self, user="anna"):
        self.user = user
        self.root = tempfile.mkdtemp(prefix="smew-dovecot-")
        self.mail = os.path.join(self.root, "mail")
        self.config = os.path.join(self.root, "dovecot.conf")
        self._serial = 0
        self._write_config()
        for name in ("mail", "run", "home"):
            path = os.path.join(self.root, name)
            os.mkdir(path, 0o700)
            self._give(path)
        os.chmod(self.root, 0o755 if os.geteuid() == 0 else 0o700)

    def _write_config(self):
        special = "".join(
            '  mailbox "%s" {\n    special_use = %s\n  }\n' % (name, use)
            for name, use, _ in sample_module.FOLDERS if use)
        owner = ""
        if os.geteuid() == 0:
            owner = "mail_uid = nobody\nmail_gid = nogroup"
        with open(self.config, "w", encoding="utf-8") as out:
            out.write(CONFIG % {"root": self.root, "mail": self.mail,
                                "owner": owner, "special": special})

    @staticmethod
    def _give(path):
        if os.geteuid() == 0:
            who = pwd.getpwnam("nobody")
            os.chown(path, who.pw_uid, who.pw_gid)

    @contextlib.contextmanager
    def as_owner(self):
        """Files made inside belong to the user that the server runs as."""
        if os.geteuid() != 0:
            yield
            return
        who = pwd.getpwnam("nobody")
        os.setegid(who.pw_gid)
        os.seteuid(who.pw_uid)
        try:
            yield
        finally:
            os.seteuid(0)
            os.setegid(0)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        # Servers whose client has gone may still write their index files.
        for _ in range(50):
            shutil.rmtree(self.root, ignore_errors=True)
            if not os.path.exists(self.root):
                break
            time.sleep(0.1)

    @property
    def argv(self):
        return ["/usr/bin/env", "USER=" + self.user, IMAP, "-c", self.config]

    @property
    def tunnel(self):
        """The shell command for the option `tunnel`."""
        return shlex.join(self.argv)

    def logged_tunnel(self, path):
        """The same, with what the client says appended to a file."""
        return "tee -a %s | %s" % (shlex.quote(path), self.tunnel)

    def fill(self, sample):
        """Writes a sample before the first client connects."""
        with self.as_owner():
            return sample_module.write_maildir(self.mail, sample)

    def deliver(self, data, folder="INBOX", when=None):
        """As a delivery agent does: tmp/, then renamed into new/."""
        self._serial += 1
        when = when or time.time()
        name = "%d.M%dP%dQ%d.sample" % (time.time(), time.time_ns() // 1000
                                       % 1_000_000, os.getpid(), self._serial)
        with self.as_owner():
            path = sample_module.make_maildir(self.mail, folder)
            new = os.path.join(path, "tmp", name)
            with open(new, "wb") as out:
                out.write(data)
            os.utime(new, (when, when))
            os.rename(new, os.path.join(path, "new", name))

    def doveadm(self, *arguments, data=None):
        """Runs doveadm on this mail; returns its standard output."""
        env = {"PATH": os.environ["PATH"], "USER": self.user}
        done = subprocess.run(
            ["doveadm", "-c", self.config, *arguments], input=data, env=env,
            check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        return done.stdout

    def client(self):
        """Another client of the same mailbox: an imaplib.IMAP4."""
        return Client(shlex.join(self.argv) + " 2>/dev/null")


class Deeds:
    """What tests need most, for an imaplib.IMAP4 of any kind."""

    def uids(self, mailbox="INBOX", query="ALL"):
        self.check_ok(self.select(mailbox))
        kind, data = self.uid("SEARCH", query)
        self.check_ok((kind, data))
        return [int(uid) for uid in data[0].split()]

    def flag(self, uid, change, mailbox="INBOX"):
        """change: "+\\Seen", "-\\Flagged"."""
        self.check_ok(self.select(mailbox))
        self.check_ok(self.uid("STORE", str(uid), change[0] + "FLAGS",
                               "(%s)" % change[1:]))

    def remove(self, uid, mailbox="INBOX"):
        self.flag(uid, "+\\Deleted", mailbox)
        self.check_ok(self.uid("EXPUNGE", str(uid)))

    def flags(self, uid, mailbox="INBOX"):
        self.check_ok(self.select(mailbox, readonly=True))
        kind, data = self.uid("FETCH", str(uid), "(FLAGS)")
        self.check_ok((kind, data))
        return imaplib.ParseFlags(data[0])

    @staticmethod
    def check_ok(answer):
        if answer[0] != "OK":
            raise AssertionError("the server refused: %r" % (answer,))


class Client(Deeds, imaplib.IMAP4_stream):
    """imaplib over the pipe."""
