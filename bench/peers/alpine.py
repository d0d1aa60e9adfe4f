# SPDX-License-Identifier: GPL-3.0-or-later
import os

from peers.peer import DOWN, UP, Peer as Base, write


class Peer(Base):
    name = "alpine"
    has_cache = False
    keypad = dict(Base.keypad, **{
        "down": DOWN, "up": UP, "page-down": " ", "page-up": "-",
        "close": "<", "prompt": "w", "cancel": "\x03"})
    quit_keys = ("q", "y")

    def configure(self, home, line):
        config = os.path.join(home, "pinerc")
        write(config, "\n".join([
            "personal-name=Anna",
            "user-domain=example.org",
            "inbox-path={%s:%d/imap/user=%s%s}INBOX" % (
                line.host, line.port, line.user,
                "/ssl/novalidate-cert" if line.tls else "/notls"),
            "last-time-prune-questioned=300.1",
            "last-version-used=9.99",
            "feature-list=quit-without-confirm,disable-password-caching,"
            "disable-password-file-saving,enable-aggregate-command-set,"
            "auto-zoom-after-select,enable-jump-shortcut",
            # It would warn of PLAIN without TLS, and wait three seconds.
            "disable-these-authenticators=PLAIN",
            "nntp-server=", ""]))
        # It would make it, say so, and wait four seconds.
        os.makedirs(os.path.join(home, "mail"), exist_ok=True)
        return [self.path, "-i", "-p", config, "-P", os.devnull]

    def sign_in(self, terminal, line):
        terminal.wait_screen(lambda text: "PASSWORD" in text, 30)
        terminal.send(line.password + "\r")

    def limit_keys(self, word):
        return ";tf" + word + "\r"
