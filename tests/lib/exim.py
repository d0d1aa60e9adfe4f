# SPDX-License-Identifier: GPL-3.0-or-later
"""Exim on loopback as a submission server, for as long as a test lasts: TLS
and STARTTLS, signing in by PLAIN, LOGIN and CRAM-MD5. What it accepts becomes
a file each.

    with Exim() as server:
        server.smtps_port, server.smtp_port, server.ca
        server.settings()               # an account's configuration
        server.messages()               # of (envelope, octets), in order

The configuration is private, the ports are free ones of 127.0.0.1, nothing is
delivered outside of its directory, and it ends by its process id. User `anna`,
password PASSWORD. `refused@example.net` is refused, `grey@example.net` for now.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from network import PASSWORD, free_port, make_ca, make_certificate

EXIM = "/usr/sbin/exim4"
LIMIT = 30.0

CONFIG = r"""
keep_environment =
add_environment =
exim_user = %(user)s
exim_group = %(group)s
never_users =
primary_hostname = mail.example.org
spool_directory = %(root)s/spool
log_file_path = %(root)s/%%slog
pid_file_path = %(root)s/pid
daemon_smtp_ports = %(smtp_port)d : %(smtps_port)d
tls_on_connect_ports = %(smtps_port)d
local_interfaces = 127.0.0.1
tls_advertise_hosts = *
tls_certificate = %(root)s/server.pem
tls_privatekey = %(root)s/server.key
auth_advertise_hosts = ${if eq{$tls_in_cipher}{}{}{*}}
acl_smtp_mail = accept_signed
acl_smtp_rcpt = accept_known
acl_smtp_data = accept_all
message_size_limit = 100M
queue_only = false
smtp_accept_max = 50
rfc1413_hosts =
host_lookup =
smtputf8_advertise_hosts = *
dsn_advertise_hosts = *

begin acl
accept_signed:
  deny condition = ${if eq{$authenticated_id}{}}
       message = 5.7.0 sign in first
  accept
accept_known:
  deny local_parts = refused
       message = 5.1.1 no such user here
  defer local_parts = grey
        message = 4.7.1 greylisted
  accept
accept_all:
  accept

begin routers
all:
  driver = accept
  transport = to_file

begin transports
to_file:
  driver = appendfile
  directory = %(root)s/mail
  maildir_format
  user = %(user)s
  group = %(group)s
  delivery_date_add
  envelope_to_add
  return_path_add
  batch_max = 1000
  create_directory

begin retry
* * F,1h,1m

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${if and{{eq{$auth2}{anna}}{eq{$auth3}{%(password)s}}}}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = <| Username: | Password:
  server_condition = ${if and{{eq{$auth1}{anna}}{eq{$auth2}{%(password)s}}}}
  server_set_id = $auth1
cram:
  driver = cram_md5
  public_name = CRAM-MD5
  server_secret = ${if eq{$auth1}{anna}{%(password)s}fail}
  server_set_id = $auth1
"""


class Exim:
    host = "localhost"

    def __init__(self):
        self.root = tempfile.mkdtemp(prefix="smew-exim-")
        self.smtp_port = free_port()
        self.smtps_port = free_port()
        self.ca = make_ca(self.root)
        make_certificate(self.root, "server")
        who = pwd.getpwnam("Debian-exim" if os.geteuid() == 0
                           else pwd.getpwuid(os.getuid()).pw_name)
        self.config = os.path.join(self.root, "exim.conf")
        values = {"root": self.root, "password": PASSWORD,
                  "smtp_port": self.smtp_port, "smtps_port": self.smtps_port,
                  "user": who.pw_uid, "group": who.pw_gid}
        with open(self.config, "w", encoding="utf-8") as out:
            out.write(CONFIG % values)
        os.chmod(self.config, 0o644)
        for name in ("mail", "spool"):
            os.mkdir(os.path.join(self.root, name), 0o755)
        for folder, _, files in os.walk(self.root):
            for name in ["", *files]:
                path = os.path.join(folder, name)
                if os.geteuid() == 0 and path != self.config:
                    os.chown(path, who.pw_uid, who.pw_gid)
        os.chmod(self.root, 0o755)
        self.process = subprocess.Popen(
            [EXIM, "-C", self.config, "-bdf", "-q10s"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=open(os.path.join(self.root, "stderr"), "wb"))
        self._wait()

    def _wait(self):
        limit = time.monotonic() + LIMIT
        while True:
            try:
                with socket.create_connection(
                        ("127.0.0.1", self.smtp_port), timeout=LIMIT) as s:
                    if s.recv(3) == b"220":
                        return
            except OSError:
                pass
            if time.monotonic() > limit or self.process.poll() is not None:
                raise AssertionError("exim does not start: %s" % self.log())
            time.sleep(0.02)

    def log(self):
        text = ""
        for name in ("stderr", "mainlog", "paniclog", "rejectlog"):
            try:
                with open(os.path.join(self.root, name), encoding="utf-8",
                          errors="replace") as file:
                    text += file.read()
            except OSError:
                pass
        return text

    def settings(self, scheme="smtps"):
        port = self.smtps_port if scheme == "smtps" else self.smtp_port
        return ('set smtp_url = %s://anna@localhost:%d\n'
                'set smtp_pass = "%s"\n'
                'set ssl_ca_certificates_file = %s\n'
                'set from = anna@example.org\n'
                % (scheme, port, PASSWORD, self.ca))

    def messages(self):
        """What was delivered, as octets, oldest first."""
        found = []
        for part in ("new", "cur"):
            folder = os.path.join(self.root, "mail", part)
            if os.path.isdir(folder):
                found += [os.path.join(folder, name)
                          for name in os.listdir(folder)]
        data = []
        for path in sorted(found, key=os.path.getmtime):
            with open(path, "rb") as file:
                data.append(file.read())
        return data

    def wait(self, count):
        limit = time.monotonic() + LIMIT
        while len(self.messages()) < count:
            assert time.monotonic() < limit, self.log()
            time.sleep(0.02)
        return self.messages()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(LIMIT)
        shutil.rmtree(self.root, ignore_errors=True)
