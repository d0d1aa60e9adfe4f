# SPDX-License-Identifier: GPL-3.0-or-later
"""Kills, lost connections, damaged caches."""

import os
import random
import re
import sqlite3
import stat
import time

import pytest
from dovecot import Dovecot
from sample import Sample

BROKEN = "echo no such host here >&2; exit 1"


@pytest.mark.size(3000)
def test_killed_at_any_moment(client, server):
    """However often it dies while it fetches, it comes back and goes on."""
    rng = random.Random(7)
    for _ in range(6):
        screen = client.start()
        screen.settle(0.01, rng.uniform(0.02, 1.2))
        screen.kill()
        screen.wait_exit()
        screen.close()
    with client.start() as screen:
        screen.wait_index(20)
        screen.wait_for(r"Msgs:3000")
        screen.wait_gone("Fetching", 60)
        screen.send("=")
        screen.wait_for(lambda s: s.current() and s.current().number == 1)
        screen.send("*")
        screen.wait_for(lambda s: s.current() and s.current().number == 3000)


def test_the_index_is_there_from_the_cache_at_once(client, server):
    with client.start() as screen:
        screen.wait_index(20)
        screen.wait_for(r"Msgs:60")
        screen.settle()
        screen.kill()
        screen.wait_exit()
    client.write("sleep 1000")
    with client.start() as screen:
        screen.wait_index(20)
        assert len(screen.rows()) >= 20


def test_nothing_complete_is_fetched_twice(client, server, tmp_path):
    log = str(tmp_path / "said")
    client.write(server.logged_tunnel(log))
    with client.start() as screen:
        screen.wait_index(20)
        screen.send("=")
        screen.wait_for(lambda s: s.current() and s.current().number == 1)
        screen.send("\r")
        screen.wait_for("Subject: ")
        screen.settle(1)
        screen.send("qq")
        screen.wait_exit()
    os.truncate(log, 0)
    with client.start() as screen:
        screen.wait_index(20)
        screen.send("=")
        screen.wait_for(lambda s: s.current() and s.current().number == 1)
        screen.send("\r")
        screen.wait_for("Subject: ")
        screen.settle(1)
        screen.send("qq")
        screen.wait_exit()
    with open(log, encoding="utf-8") as said:
        again = [line for line in said if "FETCH" in line.upper()
                 and re.search(r"BODY|ENVELOPE|RFC822", line.upper())]
    assert again == []


def test_offline_reads_from_the_cache(client, server):
    with client.start() as screen:
        screen.wait_index(20)
        screen.send("*\r")
        screen.wait_for("Subject: ")
        screen.settle()
        body = [line for line in screen.lines()[-14:-3] if line.strip()]
        screen.send("q")
        screen.wait_index(10)
        screen.send("q")
        assert screen.wait_exit() == 0
    client.write(BROKEN)
    with client.start() as screen:
        screen.wait_index(20)
        screen.wait_for("no such host here")
        screen.send("*\r")
        screen.wait_for("Subject: ")
        screen.wait_for(re.escape(body[-1].split("│")[-1].strip()))
        screen.wait_for("no such host here|[Oo]ffline")
        screen.send("q=\r")
        screen.wait_for("[Oo]ffline|not in the cache|no such host")


def test_a_message_asked_for_offline_comes_when_online(client, server,
                                                       tmp_path):
    there = tmp_path / "there"
    there.touch()
    client.write("test -e %s || { echo no route >&2; exit 1; }; exec %s" %
                 (there, server.tunnel))
    with client.start() as screen:
        screen.wait_index(20)
        screen.wait_for("Msgs:60")
        screen.send("q")
        screen.wait_exit()
    there.unlink()
    with client.start() as screen:
        screen.wait_index(20)
        screen.wait_for("offline: .*no route")
        screen.send("*\r")
        screen.wait_for(lambda s: s.text().count("no route") == 2)
        there.touch()
        screen.wait_for("│Date: ", 60)
        screen.wait_gone("offline")


def test_connection_that_breaks_comes_back(client, server, tmp_path):
    """The tunnel dies while smew is idle; new mail appears all the same."""
    pidfile = tmp_path / "pid"
    client.write("echo $$ > %s; exec %s" % (pidfile, server.tunnel))
    with client.start() as screen:
        screen.wait_index(20)
        screen.send("*")
        screen.settle(1)
        os.kill(int(pidfile.read_text()), 9)
        screen.wait_for(lambda s: True)
        server.deliver(b"Subject: after the break\n\nx\n")
        screen.wait_for("after the break", 60)


@pytest.mark.parametrize("damage", ["garbage", "cut", "empty", "version"])
def test_damaged_cache_is_set_aside(client, server, damage):
    with client.start() as screen:
        screen.wait_index(20)
        screen.wait_for(r"Msgs:60")
        screen.settle()
        screen.send("q")
        screen.wait_exit()
    path = client.cache()
    assert os.path.exists(path)
    for suffix in ("-wal", "-shm"):
        if os.path.exists(path + suffix):
            os.unlink(path + suffix)
    if damage == "garbage":
        with open(path, "r+b") as out:
            out.write(b"not a database at all " * 400)
    elif damage == "cut":
        os.truncate(path, 5000)
    elif damage == "empty":
        os.truncate(path, 0)
    else:
        with sqlite3.connect(path) as db:
            db.execute("PRAGMA user_version = 9999")
        db.close()
    with client.start() as screen:
        screen.wait_index(20)
        screen.wait_for(r"Msgs:60")
    if damage != "empty":
        kept = [name for name in os.listdir(os.path.dirname(path))
                if name.startswith("cache.db.")]
        assert kept


def test_another_server_does_not_get_the_old_cache(client, server,
                                                   make_client):
    with client.start() as screen:
        screen.wait_index(20)
        screen.settle()
        screen.send("q")
        screen.wait_exit()
    with Dovecot() as other:
        other.deliver(b"From: a@example.org\nSubject: the only one\n\nx\n")
        client.write(other.tunnel)
        with client.start() as screen:
            screen.wait_for(r"Msgs:1\b")
            assert len(screen.rows()) == 1


def test_files_are_private_whatever_the_umask(client, server):
    old = os.umask(0)
    try:
        screen = client.start()
    finally:
        os.umask(old)
    screen.wait_index(20)
    screen.send("q")
    screen.wait_exit()
    seen = 0
    for top in ("cache", "state"):
        start = os.path.join(client.home, top, "smew")
        for directory, _, names in os.walk(start):
            assert stat.S_IMODE(os.stat(directory).st_mode) == 0o700
            for name in names:
                path = os.path.join(directory, name)
                assert stat.S_IMODE(os.stat(path).st_mode) == 0o600, path
                seen += 1
    assert seen > 0


@pytest.mark.size(20000)
def test_a_large_mailbox_shows_its_newest_first(client, server):
    with client.start() as screen:
        start = time.monotonic()
        screen.wait_index(20)
        first = time.monotonic() - start
        assert first < 15
        screen.wait_for(r"Msgs:20000", 60)
        screen.send("*kkk")
        screen.wait_for(lambda s: s.current())
        screen.send("q")
        screen.wait_exit()


def test_deleted_and_new_while_offline(client, server):
    with client.start() as screen:
        screen.wait_index(20)
        screen.wait_for("Msgs:60")
        screen.settle()
        screen.send("q")
        screen.wait_exit()
    with server.client() as imap:
        uids = imap.uids()
        for uid in uids[10:20]:
            imap.remove(uid)
        imap.flag(uids[-1], "+\\Flagged")
    arrivals = Sample().arrivals()
    for _ in range(3):
        server.deliver(next(arrivals).data)
    with client.start() as screen:
        screen.wait_for("Msgs:53")
        screen.settle()
        assert screen.current()
