# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that are wrong or hostile: the connection ends with a line that
says what happened; memory stays bounded, keys work, nothing hangs."""

import os
import re

import pytest

# Enough of a server that a client can open INBOX with four messages.
GOOD = r"""
S: * PREAUTH [CAPABILITY IMAP4rev1] hello
when NAMESPACE
S: * NAMESPACE (("" "/")) NIL NIL
S: $tag OK
end
when LIST "" *
S: * LIST (\HasNoChildren) "/" INBOX
S: * LIST (\HasNoChildren \Trash) "/" Trash
S: $tag OK
end
when LSUB *
S: $tag OK
end
when STATUS *
S: * STATUS INBOX (MESSAGES 4 UIDNEXT 5 UIDVALIDITY 1 UNSEEN 0)
S: $tag OK
end
when * FETCH *
S: $tag OK
end
when FETCH *
S: $tag OK
end
when * SEARCH *
S: * SEARCH 1 2 3 4
S: $tag OK
end
when IDLE
S: + idling
c: DONE
S: $tag OK
end
when SELECT *
S: * 4 EXISTS
S: * 0 RECENT
S: * FLAGS (\Seen \Answered \Flagged \Deleted \Draft)
S: * OK [UIDVALIDITY 1] valid
S: * OK [UIDNEXT 5] next
S: $tag OK [READ-WRITE] selected
end
"""

BAD = {
    "garbage": "raw: HTTP/1.1 400 Bad Request\\r\\nServer: x\\r\\n\\r\\n"
               "\nstall",
    "binary": "raw: \\x16\\x03\\x01\\x00\\xff\\xfe\\x80\\r\\n\nstall",
    "bye": "S: * BYE too many connections\ncut",
    "cut": "cut",
    "huge literal": "S: * PREAUTH {4294967296}\nfill forever x",
    "large literal later": GOOD + "when *\nraw: * LIST () \"/\" "
                           "{4294967296}\\r\\n\nfill forever x\nend\nserve",
    "nested lists": GOOD + "when *\nraw: * 1 FETCH (BODYSTRUCTURE \n"
                    "fill 100000 (\nraw: \\r\\n\nstall\nend\nserve",
    "endless line": "raw: * OK \nfill forever a",
    "endless line later": GOOD + "when *\nraw: * OK \nfill forever a\n"
                          "end\nserve",
    "endless list": GOOD + "when *\nraw: * SEARCH\nfill forever \\x20 1\n"
                    "end\nserve",
    "nul octets": "raw: * OK \\0\\0\\0\\r\\n\nfill forever \\0",
}

def resident(pid):
    with open("/proc/%d/statm" % pid, encoding="ascii") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def alive(screen):
    """Keys are answered: the prompt opens and closes."""
    screen.send(":echo still here\r")
    screen.wait_for("still here")


@pytest.mark.parametrize("name", BAD)
def test_bad_server(scripted, name):
    client, _ = scripted(BAD[name])
    with client.start() as screen:
        screen.settle(0.5, 3)
        before = resident(screen.pid)
        screen.wait_for(r"offline: .{10}", 40)
        alive(screen)
        assert resident(screen.pid) < before + (200 << 20)
        screen.send("q")
        screen.wait_exit()


def test_silence_after_the_greeting(scripted):
    """A server that never greets is in test_traps_idle.py."""
    client, _ = scripted("S: * PREAUTH [CAPABILITY IMAP4rev1] hi\nstall")
    with client.start() as screen:
        screen.settle(0.5, 3)
        alive(screen)
        screen.send("\x07q")
        assert screen.wait_exit(10) == 0


def test_program_that_does_not_exist(make_client):
    client = make_client("/nonexistent/program --with arguments")
    with client.start() as screen:
        screen.wait_for("not found|No such file")
        alive(screen)


def test_one_octet_at_a_time(scripted):
    client, script = scripted("dribble 1 0\n" + GOOD + "serve")
    with client.start() as screen:
        screen.wait_for("Trash")
        screen.wait_for(r"Msgs:\d")
        screen.send("q")
        screen.wait_exit()
    assert script.failures() == []


def test_unknown_answers_are_skipped(scripted):
    noise = (r'S: * X-NEWS (a b "c" {3}' "\nraw: x)y\nS: )\n"
             "S: * OK [X-CODE 1 2 (3)] fine\n"
             "S: * 2 X-THING () NIL\n")
    client, script = scripted(
        GOOD.replace("S: * 4 EXISTS", noise + "S: * 4 EXISTS") + "serve")
    with client.start() as screen:
        screen.wait_for("Trash")
        screen.wait_for(lambda s: script.said("SELECT|EXAMINE"))
        screen.settle()
        alive(screen)
        screen.send("q")
        screen.wait_exit()
    assert script.failures() == []


def test_server_that_refuses_the_mailbox(scripted):
    client, script = scripted(
        GOOD + "when SELECT *\nS: $tag NO [NOPERM] not for you\nend\nserve")
    with client.start() as screen:
        screen.wait_for("not for you")
        alive(screen)


def test_alert_is_shown(scripted):
    client, _ = scripted(GOOD.replace(
        "hello\n", "hello\nS: * OK [ALERT] maintenance at noon\n", 1)
        + "serve")
    with client.start() as screen:
        screen.wait_for("maintenance at noon")


def test_only_permitted_commands_are_sent(scripted):
    """Nothing that removes mail, and no extension that was not offered."""
    client, script = scripted(GOOD + "serve")
    with client.start() as screen:
        screen.wait_for("Trash")
        screen.wait_for(lambda s: script.said("SELECT|EXAMINE"))
        screen.settle(0.5)
        screen.send("q")
        screen.wait_exit()
    for line in script.said("."):
        assert not re.match(r"EXPUNGE|CLOSE|ENABLE|IDLE|UNSELECT|ID ", line)
