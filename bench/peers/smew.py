# SPDX-License-Identifier: GPL-3.0-or-later
import os
import re

from peers.peer import Peer as Base, write


class Peer(Base):
    name = "smew"
    sends = True
    more = ""           # lines of configuration

    def __init__(self, path, label):
        super().__init__(path or os.environ.get("SMEW"), label)

    def configure(self, home, line):
        config = os.path.join(home, "smewrc")
        write(config, "set folder = %s://%s@%s:%d\n"
              "set imap_pass = '%s'\n%s%s" % (
                  "imaps" if line.tls else "imap", line.user, line.host,
                  line.port, line.password,
                  "set ssl_ca_certificates_file = %s\n" % line.ca
                  if line.tls else "set ssl_force_tls = no\n",
                  self.more))
        return [self.path, "-n", "-F", config]

    def limit_keys(self, word):
        return "l~f %s\r" % word

    def limited(self, text, count):
        return re.search(r"Shown:%d\b|Msgs:%d/" % (count, count), text)

    def refused(self, text):
        return "not available" in text

    def thread_keys(self):
        return ":set sort=date\r", ":set sort=threads\r"

    def ordered(self, text, threads):
        return ("(threads" if threads else "(date/") in text
