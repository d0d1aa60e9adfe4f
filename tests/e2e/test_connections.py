# SPDX-License-Identifier: GPL-3.0-or-later
"""Several connections of an account: what each is for, and when there are."""

import os
import re
import signal
import time

import pytest

MAIL = (b"From: Rita Novak <rita@example.org>\nSubject: %s\n"
        b"Message-ID: <%s@example.org>\n\n")
LINE = b"%06d " + b"x" * 62 + b"\n"
# "default 2 > a5 SELECT INBOX" in the log
WIRE = re.compile(r" (\d+) ([<>]) (.*)$", re.M)
COUNTS = re.compile(r"STATUS|LIST")


class Log:
    """What smew wrote with -d 3."""
    def __init__(self, client):
        self.path = client.home + "/log"
        self.arguments = ("-d", "3", "-l", self.path)

    def text(self):
        try:
            with open(self.path, encoding="utf-8") as log:
                return log.read()
        except FileNotFoundError:
            return ""

    def sent(self, pattern, link=None):
        """(connection, command) of the commands that match."""
        return [(int(number), text)
                for number, way, text in WIRE.findall(self.text())
                if way == ">" and re.search(pattern, text) and
                link in (None, int(number))]

    def ready(self):
        return len(re.findall("link \\d+: setup -> ready", self.text()))


def change_folder(screen, name):
    screen.send("c")
    screen.wait_for("Open mailbox")
    screen.send("=%s\r" % name)
    screen.wait_for(r"smew: %s " % name)


@pytest.fixture
def log(client):
    return Log(client)


@pytest.fixture
def two(client, log):
    """smew in Archive/2024, INBOX on a second connection."""
    screen = client.start(*log.arguments, "-f", "=Archive/2024")
    screen.wait_index(2)
    screen.wait_for(lambda s: log.sent("IDLE", 2))
    return screen


def test_inbox_is_kept_behind_the_open_mailbox(two, server, log):
    assert log.sent('SELECT "?INBOX', 2)
    server.deliver(MAIL % (b"to the one behind", b"b1") + b"hello\n")
    two.wait_for("New mail in INBOX")
    change_folder(two, "INBOX")
    two.wait_for("Msgs:61")
    two.send("*")
    two.wait_for("to the one behind")
    # It was there already: nothing was selected for it.
    assert len(log.sent('SELECT "?INBOX')) == 1
    server.deliver(MAIL % (b"and in front", b"b2") + b"hello\n")
    two.wait_for("Msgs:62")
    change_folder(two, "Archive/2025")
    server.deliver(MAIL % (b"behind again", b"b3") + b"hello\n")
    two.wait_for("New mail in INBOX")
    assert len(log.sent('SELECT "?INBOX')) == 1
    assert log.ready() == 2


def test_what_is_told_of_is_not_asked_for(client, server, log):
    """NOTIFY brings the counts: nothing is asked now and then."""
    client.write(server.tunnel, "set imap_poll_timeout = 1\n")
    with client.start(*log.arguments) as screen:
        screen.wait_index(20)
        screen.wait_for(lambda s: log.sent("IDLE"))
        before = log.sent("LIST|NOOP")
        screen.settle(4)
        assert log.sent("LIST|NOOP") == before
        server.deliver(MAIL % (b"told of", b"t1") + b"hello\n", "Family")
        screen.wait_for(lambda s: "< * STATUS Family" in log.text())


def test_a_message_is_asked_for_together_with_done(client, log):
    with client.start(*log.arguments) as screen:
        screen.wait_index(20)
        screen.wait_for(lambda s: log.sent("IDLE"))
        screen.wait_for(lambda s: "+ idling" in log.text())
        screen.send("\r")
        screen.wait_for(lambda s: log.sent(r"UID FETCH \d+ .*BODY"))
        assert re.search(r"> DONE\n[^\n]*> \w+ UID FETCH", log.text())


def test_passing_over_mailboxes_starts_nothing(client, log):
    with client.start(*log.arguments) as screen:
        screen.wait_index(20)
        for name in ("Archive/2024", "Archive/2025", "Family"):
            change_folder(screen, name)
        change_folder(screen, "INBOX")
        screen.wait_for(lambda s: len(log.sent("IDLE")) > 0)
        screen.settle()
        assert log.ready() == 1


def test_one_connection_is_enough(client, server, log):
    client.write(server.tunnel, "set imap_connections = 1\n")
    server.deliver(MAIL % (b"large text", b"l1") +
                   b"".join(LINE % i for i in range(20000)))
    with client.start(*log.arguments) as screen:
        screen.wait_index(20)
        open_large(screen, log)
        screen.send("q")
        change_folder(screen, "Family")
        screen.wait_index(2)
        server.deliver(MAIL % (b"by polling", b"l2") + b"hello\n")
        screen.wait_for(lambda s: log.sent("IDLE"))
        assert log.ready() == 1
        assert {number for number, _ in log.sent("")} == {1}


def open_large(screen, log):
    screen.send("*")
    screen.wait_for(lambda s: s.current() and
                    "large text" in s.current().subject)
    screen.send("\r")
    screen.wait_for("000000 xxx")
    # In pieces, one after the other, and all of it.
    pieces = [text for _, text in log.sent(r"BODY.PEEK\[.*\]<\d")]
    assert len(pieces) >= 3
    screen.send("\x1b[F")
    screen.wait_for("019999 xxx")


def test_a_large_message_comes_in_pieces_beside(client, server, log):
    server.deliver(MAIL % (b"large text", b"l1") +
                   b"".join(LINE % i for i in range(20000)))
    with client.start(*log.arguments) as screen:
        screen.wait_index(20)
        open_large(screen, log)
        assert {number for number, _ in log.sent(r"\]<\d")} == {2}
        assert len(log.sent("SELECT", 1)) == 1
        screen.send("q")
        server.deliver(MAIL % (b"still pushed", b"l3") + b"hello\n")
        screen.wait_for("still pushed")


def test_a_lost_connection_beside_is_no_loss(two, server, log):
    pids = [int(p) for p in os.listdir("/proc") if p.isdigit()]
    mine = []
    for pid in pids:
        try:
            with open("/proc/%d/stat" % pid, encoding="ascii",
                      errors="replace") as stat:
                fields = stat.read().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == two.pid:
            mine.append(pid)
    os.killpg(max(mine), signal.SIGKILL)   # each leads its own session
    two.wait_for(lambda s: "link 2 ended" in log.text())
    server.deliver(MAIL % (b"in front", b"f1") + b"hello\n", "Archive/2024")
    two.wait_for("Msgs:61")
    assert "offline" not in two.text()
    two.wait_for(lambda s: log.sent("IDLE", 3))
    server.deliver(MAIL % (b"behind", b"f2") + b"hello\n")
    two.wait_for("New mail in INBOX")


def test_counts_of_all_mailboxes_are_told(client, server, log):
    client.write(server.tunnel, "set imap_poll_timeout = 0\n")
    with client.start(*log.arguments) as screen:
        screen.wait_index(20)
        if "NOTIFY" not in log.text():
            pytest.skip("the server offers no NOTIFY")
        screen.wait_for(lambda s: log.sent("NOTIFY"))
        screen.wait_for(lambda s: log.sent("IDLE"))
        assert not screen.find(r"Family +\d")
        # Through the server: a file in its directory is not noticed.
        with server.client() as imap:
            imap.append("Family", None, None, MAIL.replace(b"\n", b"\r\n") %
                        (b"elsewhere", b"e1") + b"hello\r\n")
        screen.wait_for(r"Family +1 ")


def test_a_connection_is_looked_at_after_a_stop(client, server, log):
    with client.start(*log.arguments) as screen:
        screen.wait_index(20)
        screen.wait_for(lambda s: log.sent("IDLE"))
        before = len(log.sent("NOOP"))
        screen.kill(signal.SIGSTOP)
        server.deliver(MAIL % (b"while away", b"w1") + b"hello\n")
        time.sleep(0.2)
        screen.kill(signal.SIGCONT)
        screen.wait_for(lambda s: len(log.sent("NOOP")) > before)
        screen.wait_for("Msgs:61")


FIRST = """
S: * PREAUTH [CAPABILITY IMAP4rev1 IDLE] hello
when LIST *
S: * LIST () "/" INBOX
S: * LIST () "/" Lists
S: $tag OK done
end
when STATUS *
S: $tag NO not now
end
when SELECT "Lists"
S: * 0 EXISTS
S: * OK [UIDVALIDITY 7] ok
S: $tag OK [READ-WRITE] done
end
when IDLE
S: + idling
c: DONE
S: $tag OK done
end
serve
====
S: * BYE Too many simultaneous connections
cut
"""


def test_a_server_that_takes_no_second_one(scripted):
    client, script = scripted(FIRST)
    log = Log(client)
    with client.start(*log.arguments, "-f", "=Lists") as screen:
        screen.wait_for(lambda s: "link 2 ended" in log.text())
        screen.settle()
        assert "offline" not in screen.text()
    assert len([s for s in script.lines() if s[:6] == "connec"]) == 2


STUCK = """
S: * PREAUTH [CAPABILITY IMAP4rev1] hello
when LIST *
S: * LIST () "/" INBOX
S: $tag OK done
end
when SELECT "INBOX"
S: * 2 EXISTS
S: * OK [UIDVALIDITY 7] ok
S: $tag OK [READ-WRITE] done
end
when FETCH 1:2 *
repeat 2
S: * $i FETCH (UID $i FLAGS (\\Seen) INTERNALDATE "20-Nov-2026 12:00:00 +0000" RFC822.SIZE 100 BODYSTRUCTURE ("TEXT" "PLAIN" NIL NIL NIL "7BIT" 5 1) BODY[HEADER.FIELDS (DATE FROM TO CC SUBJECT MESSAGE-ID REFERENCES IN-REPLY-TO LIST-ID)] {15}
raw: Subject: No $i\\r\\n)\\r\\n
end
S: $tag OK done
end
when UID FETCH 2 *
mark asked
stall
end
serve
"""


@pytest.mark.parametrize("key", ["\x07", "\x03"])
def test_what_is_running_can_be_cancelled(scripted, key):
    client, script = scripted(STUCK)
    with client.start(rows=24) as screen:
        screen.wait_for("No 2")
        screen.send("*\r")
        screen.wait_for(lambda s: "mark asked" in script.lines())
        screen.send(key)
        screen.wait_for("not fetched any more")
        assert screen.current().subject == "No 2"
        screen.send("k")
        screen.wait_for(lambda s: s.current().subject == "No 1")
        screen.send("q")
        assert screen.wait_exit() == 0


REFUSALS = """
S: * PREAUTH [CAPABILITY IMAP4rev1 IDLE] hello
when LIST *
S: * LIST () "/" INBOX
S: $tag OK done
end
when IDLE
S: + idling
c: DONE
S: $tag OK done
end
C: SELECT "INBOX"
S: $tag %s
C: SELECT "INBOX"
S: * 0 EXISTS
S: * OK [UIDVALIDITY 7] ok
S: $tag OK [READ-WRITE] done
mark open
serve
"""


@pytest.mark.parametrize("words", [
    "NO [INUSE] locked", "NO [UNAVAILABLE] later",
    "BAD Request is throttled. Suggested Backoff Time: 1500 milliseconds"])
def test_refused_for_now_is_asked_again_later(scripted, words):
    client, script = scripted(REFUSALS % words)
    log = Log(client)
    with client.start(*log.arguments, rows=24) as screen:
        screen.wait_for(lambda s: "nothing is sent for" in log.text())
        assert len(script.said("SELECT")) == 1
        screen.wait_for(lambda s: "mark open" in script.lines(), 60)
        screen.send("q")
        assert screen.wait_exit() == 0
