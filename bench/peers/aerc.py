# SPDX-License-Identifier: GPL-3.0-or-later
import os

from peers.peer import Peer as Base, write


class Peer(Base):
    name = "aerc"
    newest_first = True
    keypad = dict(Base.keypad, close="q", **{
        "down": "j", "up": "k", "page-down": "\x06", "page-up": "\x02",
        "cancel": "\x1b"})
    quit_keys = (":quit\r",)

    def configure(self, home, line):
        folder = os.path.join(home, "config", "aerc")
        source = "%s://%s:%s@%s:%d" % (
            "imaps" if line.tls else "imap+insecure", line.user,
            line.password, line.host, line.port)
        write(os.path.join(folder, "accounts.conf"),
              "[bench]\nsource = %s\noutgoing = /bin/true\n"
              "default = INBOX\nfrom = Anna <anna@example.org>\n"
              "cache-headers = true\n" % source)
        write(os.path.join(folder, "aerc.conf"),
              "[ui]\nspinner = .\n[filters]\ntext/plain=cat\n")
        return [self.path]

    def environment(self, home):
        return dict(super().environment(home),
                    SSL_CERT_FILE=os.path.join(home, "ca.pem"))

    def limit_keys(self, word):
        return ":filter -f %s\r" % word

    def thread_keys(self):
        return "", ":toggle-threads\r"

    def ordered(self, text, threads):
        return ("threading" in text) == threads
