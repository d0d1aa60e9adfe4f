# SPDX-License-Identifier: GPL-3.0-or-later
"""Cyrus IMAP on loopback, for as long as a test lasts.

    with Cyrus(altnamespace=False, separator=".") as server:
        server.fill(Sample(size=60))        # the folders of the sample, too
        server.settings("imaps")            # an account's configuration
        server.deliver(b"Subject: hello\\n\\nworld\\n")      # by LMTP
        with server.client() as imap:       # another client: imaplib
            imap.flag(7, "+\\\\Flagged")

Debian's Cyrus cannot be installed beside its Dovecot: `tools/deps` unpacks the
packages into UNPACKED and changes nothing of the system. Configuration, mail
and databases are private, the ports are free ones of 127.0.0.1, and all ends
with the master process. Users: `anna`, password PASSWORD, and `admin`.

What has to be so, and why (Cyrus 3.6):
 - The master becomes `cyrus_user` when root starts it, so all it needs belongs
   to `nobody` then.
 - `servername` is the realm of the passwords; the host's own name would take a
   resolver.
 - When the master ends it signals its process group: it gets one of its own.
 - Its log goes to syslog, so a failure to start is told by the ports alone.
"""

import base64
import getpass
import grp
import imaplib
import os
import pwd
import shutil
import signal
import smtplib
import socket
import ssl
import subprocess
import tempfile
import time

import sample as sample_module
from dovecot import Deeds
from network import (PASSWORD, free_port, make_ca, make_certificate,
                     wait_greeting)

UNPACKED = "/usr/local/lib/smew-tests/cyrus"
LIMIT = 30.0

IMAPD = """
configdirectory: %(root)s/conf
partition-default: %(root)s/spool
defaultpartition: default
cyrus_user: %(user)s
cyrus_group: %(group)s
servername: localhost
admins: admin
altnamespace: %(altnamespace)s
unixhierarchysep: %(unix)s
virtdomains: off
allowplaintext: no
allowanonymouslogin: no
autocreate_users: anna
autocreate_quota: 0
specialusealways: 1
idlesocket: %(root)s/run/idle
lmtpsocket: %(root)s/run/lmtp
notifysocket: %(root)s/run/notify
expunge_mode: immediate
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: %(root)s/sasldb2
sasl_mech_list: %(mechanisms)s
tls_server_cert: %(root)s/server.pem
tls_server_key: %(root)s/server.key
tls_client_ca_file: %(root)s/ca.pem
tls_client_certs: optional
tls_versions: tls1_2 tls1_3
skiplist_unsafe: yes
"""

MASTER = """
START {
  recover cmd="%(bin)s/ctl_cyrusdb -C %(root)s/imapd.conf -r"
}
SERVICES {
  imap cmd="%(bin)s/imapd -C %(root)s/imapd.conf" listen="127.0.0.1:%(imap)d" prefork=1
  imaps cmd="%(bin)s/imapd -C %(root)s/imapd.conf -s" listen="127.0.0.1:%(imaps)d" prefork=0
  lmtp cmd="%(bin)s/lmtpd -C %(root)s/imapd.conf -a" listen="%(root)s/run/lmtp" prefork=0
}
DAEMON {
  idled cmd="%(bin)s/idled -C %(root)s/imapd.conf"
}
EVENTS {
}
"""


def where():
    """Where Cyrus is, or None."""
    for top in (UNPACKED, "/"):
        if os.access(os.path.join(top, "usr/lib/cyrus/bin/imapd"), os.X_OK):
            return top
    return None


class Cyrus:
    host = "localhost"

    def __init__(self, altnamespace=True, separator="/",
                 mechanisms="PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 "
                 "SCRAM-SHA-256 EXTERNAL"):
        self.top = where()
        self.prefix = "" if altnamespace else "INBOX" + separator
        self.separator = separator
        self.root = tempfile.mkdtemp(prefix="smew-cyrus-")
        self.imap_port = free_port()
        self.imaps_port = free_port()
        self.ca = make_ca(self.root)
        make_certificate(self.root, "server")
        self._owner = None
        if os.geteuid() == 0:
            self._owner = pwd.getpwnam("nobody")
        self._write(altnamespace, mechanisms)
        self._users()
        self._give()
        self.process = None
        self.start()

    def _write(self, altnamespace, mechanisms):
        root = self._owner is not None
        values = {
            "root": self.root, "mechanisms": mechanisms,
            "altnamespace": "yes" if altnamespace else "no",
            "unix": "yes" if self.separator == "/" else "no",
            "user": "nobody" if root else getpass.getuser(),
            "group": "nogroup" if root else grp.getgrgid(os.getgid()).gr_name,
            "bin": os.path.join(self.top, "usr/lib/cyrus/bin"),
            "imap": self.imap_port, "imaps": self.imaps_port,
        }
        for name, text in (("imapd.conf", IMAPD), ("cyrus.conf", MASTER)):
            path = os.path.join(self.root, name)
            with open(path, "w", encoding="utf-8") as out:
                out.write(text % values)
        # conf/socket is where those in IDLE wait for news.
        for name in ("conf", "conf/socket", "conf/proc", "spool", "run"):
            os.mkdir(os.path.join(self.root, name))

    def _environment(self):
        libraries = "usr/lib/%s-linux-gnu" % os.uname().machine
        return {"PATH": os.environ["PATH"], "LANG": "C",
                "LD_LIBRARY_PATH": os.path.join(self.top, libraries)}

    def _users(self):
        tool = os.path.join(self.top, "usr/sbin/saslpasswd2")
        for name in ("anna", "admin"):
            subprocess.run(
                [tool, "-p", "-c", "-u", "localhost", "-f",
                 os.path.join(self.root, "sasldb2"), name],
                input=PASSWORD.encode(), env=self._environment(), check=True,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def _give(self):
        if self._owner is None:
            return
        for top, _, names in os.walk(self.root):
            for name in [""] + names:
                os.chown(os.path.join(top, name), self._owner.pw_uid,
                         self._owner.pw_gid)

    def start(self):
        program = os.path.join(self.top, "usr/lib/cyrus/bin/master")
        self.process = subprocess.Popen(
            [program, "-C", os.path.join(self.root, "imapd.conf"),
             "-M", os.path.join(self.root, "cyrus.conf"),
             "-p", os.path.join(self.root, "run", "pid"), "-D"],
            env=self._environment(), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True)
        wait_greeting(self.imap_port, self.process,
                      lambda: "status %s" % self.process.poll())

    def stop(self):
        """The master ends its services when it ends."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(LIMIT)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.stop()
        for _ in range(50):
            shutil.rmtree(self.root, ignore_errors=True)
            if not os.path.exists(self.root):
                break
            time.sleep(0.1)

    def settings(self, scheme="imaps"):
        """Configuration lines of an account on this server."""
        port = self.imaps_port if scheme == "imaps" else self.imap_port
        return ("set folder = %s://anna@%s:%d\nset imap_pass = '%s'\n"
                "set ssl_ca_certificates_file = %s\n"
                % (scheme, self.host, port, PASSWORD, self.ca))

    def client(self):
        """Another client of the same mailbox: an imaplib.IMAP4_SSL."""
        return NetworkClient(self)

    def name(self, folder):
        """A folder of the sample as its name on the wire."""
        if folder == "INBOX":
            return folder
        wire = "/".join(utf7(part) for part in folder.split("/"))
        return self.prefix + wire.replace("/", self.separator)

    def fill(self, sample, others=3):
        """others: so many of each folder but INBOX."""
        counts = {"INBOX": -1 << 30}
        with self.client() as imap:
            for folder, use, subscribed in sample_module.FOLDERS:
                name = '"%s"' % self.name(folder)
                if folder != "INBOX":
                    imap.make(name, use)
                if subscribed:
                    imap.check_ok(imap.subscribe(name))
            for mail in sample.mails():
                counts[mail.folder] = counts.get(mail.folder, 0) + 1
                if counts[mail.folder] > others:
                    continue
                flags = " ".join(FLAGS[letter] for letter in mail.flags)
                imap.check_ok(imap.append(
                    '"%s"' % self.name(mail.folder), "(%s)" % flags,
                    imaplib.Time2Internaldate(mail.when),
                    mail.data.replace(b"\n", b"\r\n")))

    def deliver(self, data):
        """To INBOX, as a mail server does."""
        path = os.path.join(self.root, "run", "lmtp")
        with smtplib.LMTP(path) as lmtp:
            lmtp.sendmail("sender@example.org", ["anna"], data)


class NetworkClient(Deeds, imaplib.IMAP4_SSL):
    def __init__(self, server):
        context = ssl.create_default_context(cafile=server.ca)
        super().__init__("127.0.0.1", server.imaps_port, ssl_context=context,
                         timeout=LIMIT)
        # Its many small writes would wait for one another.
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.check_ok(self.authenticate(
            "PLAIN", lambda _: b"\0anna\0" + PASSWORD.encode()))

    def make(self, name, use):
        arguments = [name] + (["(USE (%s))" % use] if use else [])
        self.check_ok(self._simple_command("CREATE", *arguments))


FLAGS = {"S": "\\Seen", "F": "\\Flagged", "R": "\\Answered", "D": "\\Draft",
         "T": "\\Deleted"}


def utf7(text):
    """Modified UTF-7 (RFC 3501 5.1.3), for names without `&`."""
    wire, piece = "", ""
    for char in text + "\0":
        if char > "~":
            piece += char
            continue
        if piece:
            octets = base64.b64encode(piece.encode("utf-16-be"), b"+,")
            wire += "&%s-" % octets.decode().rstrip("=")
            piece = ""
        wire += char
    return wire[:-1]
