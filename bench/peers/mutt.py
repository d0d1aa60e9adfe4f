# SPDX-License-Identifier: GPL-3.0-or-later
import os
import re

from peers.peer import Peer as Base, write

COMMON = """
set folder = "%(scheme)s://%(user)s@%(host)s:%(port)d/"
set spoolfile = "+INBOX"
set imap_user = "%(user)s"
set imap_pass = "%(password)s"
set ssl_starttls = no
set ssl_force_tls = no
set header_cache = "%(home)s/headers"
set imap_condstore = yes
set imap_qresync = yes
set imap_idle = yes
set sleep_time = 0
set mail_check = 5
set timeout = 5
set move = no
set quit = yes
set confirmappend = no
set wait_key = no
set record = ""
set postponed = ""
set mbox_type = Maildir
"""


class Peer(Base):
    """With everything switched on that makes it quicker."""
    name = "mutt"
    own = ("set message_cachedir = \"%(home)s/bodies\"\n"
           "set imap_deflate = yes\n")
    trust = "set certificate_file = \"%(ca)s\"\nset ssl_usesystemcerts = no\n"

    def configure(self, home, line):
        config = os.path.join(home, "muttrc")
        values = dict(vars(line), home=home,
                      scheme="imaps" if line.tls else "imap")
        write(config, (COMMON + self.own + (self.trust if line.tls else ""))
              % values)
        for name in ("headers", "bodies"):
            os.makedirs(os.path.join(home, name), exist_ok=True)
        return [self.path, "-n", "-F", config]

    def limit_keys(self, word):
        return "l~f %s\r" % word

    def limited(self, text, count):
        return re.search(r"Msgs:%d/" % count, text)

    def thread_keys(self):
        return "od", "ot"

    def ordered(self, text, threads):
        return ("(threads" if threads else "(date/") in text
