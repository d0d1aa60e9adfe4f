# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys while a large message goes out over a slow line: of smew alone, which
is the one that sends behind the screen."""

import os
import subprocess
import time

from smtp import Smtp
from terminal import Ended
from wan import Line
from work import LONG, Typist, home_of, loaded, percentile, running

SIZE = 50_000_000       # octets of the file; a third more on the line


def queue(peer, home, place, size):
    """A message with such a file, in the outbox before the screen begins."""
    argv = peer.configure(home, place.access)
    path = os.path.join(home, "large.bin")
    with open(path, "wb") as out:
        out.write(os.urandom(size))
    done = subprocess.run(
        [*argv, "--queue", "-s", "large", "-a", path, "--",
         "bob@example.net"], input=b"A large file.\n",
        env=peer.environment(home), stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, timeout=LONG, check=False)
    if done.returncode != 0:
        raise Ended("not put into the outbox: %r" % done.stderr)
    os.remove(path)


def type_until(typist, smtp):
    end = time.monotonic() + LONG
    while not smtp.delivered:
        typist.turn()
        if time.monotonic() > end:
            raise Ended("not sent")
    return time.monotonic()


def sending(peer, place, line, size=SIZE):
    """'line': (round trip, rate) to the server that takes mail."""
    with Smtp() as smtp, Line(smtp.port, *line) as slow, \
            home_of(peer) as home:
        peer.more = ("set smtp_url = smtp://127.0.0.1:%d\n"
                     "set from = anna@example.org\nset copy = no\n"
                     % slow.port)
        try:
            queue(peer, home, place, size)
            # It begins with the screen, and is still under way.
            with running(peer, home, place) as terminal:
                terminal.wait_token([place.newest], limit=LONG)
                began = time.monotonic()
                typist = Typist(terminal, peer)
                over = type_until(typist, smtp)
                memory = terminal.memory()[1]
                terminal.send(peer.keypad["rub"] + peer.keypad["cancel"])
                loaded(terminal, place)
        finally:
            peer.more = ""
        if len(smtp.delivered[0].data) < size:
            raise Ended("not all of it came")
    return {"send": over - began, "send-keys": len(typist.times),
            "send-key": percentile(typist.times, 50),
            "send-key-p99": percentile(typist.times, 99),
            "send-key-max": max(typist.times), "memory-send": memory}
