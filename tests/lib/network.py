# SPDX-License-Identifier: GPL-3.0-or-later
"""Dovecot on loopback, with TLS and sign-in, for as long as a test lasts.

    with NetworkDovecot() as server:
        server.host, server.imap_port, server.imaps_port
        server.ca                       # trusts the server's certificate
        server.settings()               # an account's configuration

The configuration is private, the ports are free ones of 127.0.0.1, and the
server ends by its process id. Users: `anna`, password `PASSWORD`. With
plaintext="only" there is no TLS, not even STARTTLS.
"""

import getpass
import grp
import os
import signal
import socket
import subprocess
import time

from dovecot import Dovecot

DOVECOT = "/usr/sbin/dovecot"     # not on everybody's PATH
PASSWORD = "corr3ct h\u00f6rse"
LIMIT = 30.0

CONFIG = """
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <%(root)s/server.pem
ssl_key = <%(root)s/server.key
ssl_min_protocol = TLSv1.2
disable_plaintext_auth = %(disable_plaintext)s
auth_mechanisms = %(mechanisms)s
auth_verbose = yes
auth_failure_delay = 0
default_internal_user = %(internal)s
default_login_user = %(login)s
default_internal_group = %(group)s
mail_plugins = zlib
protocol imap {
  mail_plugins = zlib imap_zlib
}
passdb {
  driver = passwd-file
  args = %(root)s/users
}
userdb {
  driver = static
  args = uid=%(uid)s gid=%(gid)s home=%(root)s/home
}
service imap-login {
  chroot =
  inet_listener imap {
    port = %(imap_port)d
  }
  inet_listener imaps {
    port = %(imaps_port)d
    ssl = yes
  }
}
service anvil {
  chroot =
}
service stats {
  chroot =
}
service imap {
  client_limit = 1
}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_greeting(port, process, why):
    """Until the server greets; 'why' tells what it said when it does not."""
    limit = time.monotonic() + LIMIT
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port),
                                          timeout=LIMIT) as probe:
                if probe.recv(4) == b"* OK":
                    return
        except OSError:
            pass
        if time.monotonic() > limit or process.poll() is not None:
            raise AssertionError("the server does not start: %s" % why())
        time.sleep(0.02)


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def make_ca(root, name="ca"):
    """A certificate authority; returns the path of its certificate."""
    path = os.path.join(root, name)
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
            "-subj", "/CN=Test authority", "-keyout", path + ".key",
            "-out", path + ".pem")
    return path + ".pem"


def make_certificate(root, name, ca="ca", names="DNS:localhost,IP:127.0.0.1",
                     subject="server", purpose="serverAuth"):
    """A server's certificate signed by make_ca()'s."""
    path = os.path.join(root, name)
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-subj", "/CN=" + subject, "-keyout", path + ".key",
            "-out", path + ".csr")
    with open(path + ".ext", "w", encoding="ascii") as out:
        out.write("subjectAltName=%s\nextendedKeyUsage=%s\n"
                  % (names, purpose))
    signer = os.path.join(root, ca)
    openssl("x509", "-req", "-in", path + ".csr", "-CA", signer + ".pem",
            "-CAkey", signer + ".key", "-CAcreateserial", "-days", "20",
            "-extfile", path + ".ext", "-out", path + ".pem")


class NetworkDovecot(Dovecot):
    host = "localhost"

    def __init__(self, mechanisms="plain login cram-md5 scram-sha-1 "
                 "scram-sha-256", plaintext=False, names=None, users=0,
                 extra=""):
        """users: so many more, u0, u1 ..., each with mail of his own.
        extra: more of dovecot.conf, with %(root)s for its directory; its
        passdb blocks go before the one for the file of users."""
        super().__init__()
        self.users = users
        self.extra = extra
        self.imap_port = free_port()
        self.imaps_port = free_port()
        self.ca = make_ca(self.root)
        make_certificate(self.root, "server",
                         names=names or "DNS:localhost,IP:127.0.0.1")
        self._write_users()
        self._write_network(mechanisms, plaintext)
        self.process = None
        self.start()

    def _write_users(self):
        path = os.path.join(self.root, "users")
        with open(path, "w", encoding="utf-8") as out:
            for name in ["anna", *("u%d" % i for i in range(self.users))]:
                out.write("%s:{PLAIN}%s\n" % (name, PASSWORD))

    def _write_network(self, mechanisms, plaintext):
        root = os.geteuid() == 0
        me = getpass.getuser()
        values = {
            "root": self.root, "mechanisms": mechanisms,
            "disable_plaintext": "no" if plaintext else "yes",
            "internal": "dovecot" if root else me,
            "login": "dovenull" if root else me,
            "group": "dovecot" if root else grp.getgrgid(os.getgid()).gr_name,
            "uid": "nobody" if root else str(os.getuid()),
            "gid": "nogroup" if root else str(os.getgid()),
            "imap_port": self.imap_port, "imaps_port": self.imaps_port,
        }
        with open(self.config, encoding="utf-8") as old:
            text = old.read()
        for line in ("ssl = no\n", "protocols = imap\n"):
            text = text.replace(line, "")
        with open(self.config, "w", encoding="utf-8") as out:
            out.write(text + self.extra % values + CONFIG % values)
            if self.users:
                out.write("mail_location = maildir:%s/%%u:LAYOUT=fs:"
                          "INBOX=%s/%%u/INBOX:UTF-8\n" % (
                              self.mail, self.mail))
            if plaintext == "only":
                out.write("ssl = no\n")

    def start(self):
        self.process = subprocess.Popen(
            [DOVECOT, "-F", "-c", self.config], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_greeting(self.imap_port, self.process,
                      lambda: self.log()[-2000:])

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(LIMIT)

    def log(self):
        try:
            with open(os.path.join(self.root, "log"), encoding="utf-8",
                      errors="replace") as text:
                return text.read()
        except OSError:
            return ""

    def close(self):
        self.stop()
        super().close()

    def settings(self, scheme="imaps", trust=True):
        """Configuration lines of an account on this server."""
        port = self.imaps_port if scheme == "imaps" else self.imap_port
        lines = ["set folder = %s://anna@%s:%d" % (scheme, self.host, port),
                 "set imap_pass = '%s'" % PASSWORD]
        if trust:
            lines.append("set ssl_ca_certificates_file = " + self.ca)
        return "\n".join(lines) + "\n"
