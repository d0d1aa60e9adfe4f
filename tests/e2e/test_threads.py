# SPDX-License-Identifier: GPL-3.0-or-later
"""One session that has all threads at work at once: the UI pages while the
session fills the cache, the view reads it, workers render. Under a build with
ThreadSanitizer (tools/check tsan) any report fails it."""

import re

import pytest
from network import NetworkDovecot
from sample import Sample

SIZE = 1500
MAIL = (b"From: Rita Novak <rita@example.org>\nSubject: %s\n"
        b"Message-ID: <%s@example.org>\n\nhello\n")


def test_everything_at_once(make_client):
    with NetworkDovecot() as server:
        server.fill(Sample(size=SIZE))
        client = make_client(config=server.settings())
        # No log: its lock would order what is to be found out of order.
        with client.start() as screen:
            screen.wait_index(20)
            # While it fills: pages, a message, other folders and back.
            for keys in ("=", "*", "=", "  ", "*"):
                screen.send(keys)
                screen.pump(0.05)
            screen.send("\r")
            screen.wait_for("Subject: ")
            screen.send("jjq")
            screen.send("c=Sent\r")
            screen.wait_for(r"smew: Sent \[Msgs:\d")
            screen.send("c!\r")
            screen.wait_for(r"smew: INBOX \[Msgs:%d" % SIZE)
            screen.wait_gone("Fetching", 60)
            screen.send("*Fdu")
            server.deliver(MAIL % (b"knock knock", b"k1"))
            screen.wait_for(r"Msgs:%d" % (SIZE + 1), 60)
            # The connection goes, and comes back.
            server.stop()
            screen.wait_for("offline", 60)
            screen.send("=*")
            server.deliver(MAIL % (b"meanwhile", b"k2"))
            server.start()
            screen.send("\x1bR")
            screen.wait_for(r"Msgs:%d" % (SIZE + 2), 60)
            screen.resize(60, 20)
            screen.send("q")
            assert screen.wait_exit() == 0


def test_slow_turn_of_the_loop_is_logged(client):
    """Keys wait for each turn: a debug build tells which took too long."""
    if "debug build" not in client.run("-v").stdout:
        pytest.skip("not a debug build")
    log = client.home + "/log"
    with client.start("-d", "1", "-l", log) as screen:
        screen.wait_index(20)
        screen.send(":set my_x = `sleep 0.3`\r")
        screen.wait_for(lambda s: [
            took for took in re.findall(r"a turn of the loop took (\d+) ms; "
                                        r"last: \w+ \d+",
                                        open(log, encoding="utf-8").read())
            if int(took) >= 300])
        screen.send("q")
        assert screen.wait_exit() == 0
