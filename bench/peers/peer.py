# SPDX-License-Identifier: GPL-3.0-or-later
"""What all adapters share. An adapter says how its program is configured, which
keys do what, and what its screen looks like; it measures nothing."""

import os
import shutil
import subprocess

DOWN, UP = "\x1bOB", "\x1bOA"


class Peer:
    name = ""               # the adapter, and the program's name
    newest_first = False    # the newest message is the first row
    keypad = {"down": "j", "up": "k", "page-down": "\x1b[6~",
              "page-up": "\x1b[5~", "open": "\r", "close": "i",
              "prompt": ":", "rub": "\x7f", "cancel": "\x07"}
    quit_keys = ("q",)
    has_cache = True        # a second start is different from the first
    sends = False           # behind its screen, from an outbox

    def __init__(self, path, label):
        self.label = label
        self.path = path or shutil.which(self.name)

    def installed(self):
        return self.path is not None and os.access(self.path, os.X_OK)

    def version(self):
        return first_line([self.path, "-v"])

    def configure(self, home, line):
        """Writes the configuration into 'home'; returns the arguments.
        line: .host .port .user .password .tls .ca"""
        raise NotImplementedError

    def environment(self, home):
        return {"PATH": os.environ["PATH"], "HOME": home, "LANG": "C.UTF-8",
                "TZ": "UTC", "TERM": "xterm-256color", "USER": "anna",
                "LOGNAME": "anna",
                "XDG_CONFIG_HOME": os.path.join(home, "config"),
                "XDG_CACHE_HOME": os.path.join(home, "cache"),
                "XDG_DATA_HOME": os.path.join(home, "data"),
                "XDG_STATE_HOME": os.path.join(home, "state")}

    def sign_in(self, terminal, line):
        """For programs that take a password on their screen alone."""

    # ---- what not every program can; None: it cannot ----

    def limit_keys(self, word):
        """Shows the messages whose sender has this word alone."""
        return None

    def limited(self, text, count):
        """The whole limit is done: 'count' messages."""
        return None

    def refused(self, text):
        """The program says on its screen that it cannot do that."""
        return False

    def thread_keys(self):
        """(keys that bring the order by date, keys that bring threads)"""
        return None

    def ordered(self, text, threads):
        """The screen says that this is the order."""
        return False


def first_line(argv):
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=False, errors="replace")
    return done.stdout.partition("\n")[0].strip()


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8", opener=lambda name, flags: os.open(
            name, flags, 0o600)) as out:
        out.write(text)
