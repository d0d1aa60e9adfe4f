# SPDX-License-Identifier: GPL-3.0-or-later
"""mutt and smew on the same mailbox of odd messages: what patterns match is
the same. mutt is the package `mutt` of tools/deps."""

import re
import time

import odd
import pytest
from dovecot import Dovecot
from mutt import Mutt
from screen import ScreenError

FORMATS = """
set index_format = "%i"
set status_format = "[%V]%M/%m."
set sort = mailbox-order
set from = anna@example.org
"""
ID = re.compile(r"^<(\w+)@odd>", re.MULTILINE)

# Each is typed at `l` in both. Words of more than one character alone, quoting,
# groups, every letter that both have.
PATTERNS = [
    "~A", "~U", "~R", "~F", "~D", "~Q", "!~F", "~U !~F", "~U | ~F",
    "~U | ~F ~D", "~F ~D | ~U", "!(~U | ~F)", "~T", "~f anna", "~f Anna",
    "~f ANNA", "~f ^anna", "~f '^Anna'", "~f 'example$'", "~f doe",
    "~f '^Doe, John$'", "~f jürgen", "~f 'groß'", "~f [jr]",
    "~f \"c:\\\\\\\\\"", "~t bob", "~t 'bob|carl'", "~t ^bob", "~t .",
    "!~t .", "^~t anna", "^~t 'example.(org|de)'", "~c dora", "~C carl",
    "^~C example.de", "~L anna", "~L bob", "~p", "~P", "^~p",
    "~s plain", "~s Plain", "~s ^Re:", "~s 'RE:|SHOUT'", "~s \"^deep$\"",
    "~s '\\[news\\]'", "~s \\\\[News", "~s '[[:upper:]]{4}'", "=s *.*",
    "=s [News]", "=s (x)", "~s déjà", "~s GRÜSSE", "~s köln", "~s .",
    "!~s .", "~s ^$", "~s '\\<deep\\>'", "~s '\\<two'", "~s 'second line'",
    "~s \"a|b\"", "~s 'C:\\\\dir'", "=s 'C:\\dir'", "~s 休暇",
    "~i deep[13]", "~i ^<plain", "=i '<deep1@odd>'", "~x plain", "~x ^<deep3",
    "~h '^subject: deep'", "~h '^list-id'", "~h '^cc: carl'",
    "~z >100K", "~z 1K-20K", "~z <1K", "~z -700", "~z 5K-",
    "~d <2d", "~d >30d", "~d '=1d'", "~d <1w ~U", "~d -3d", "~d -3d+1d",
    "~d *2d", "~d 1/1/1999-", "~d -1/1/2010", "~d 1/1/2000-1/1/2025",
    "~r <2d", "~r >50d", "~r <2d ~d >1y", "~d >1m !~d >1y", "~d 19990101-",
    "~$", "~(~f a4)", "~(~Q) ~U", "~<(~i plain)", "~>(~f carl)",
    "~<(~<(~s deep))", "~(~s lost)", "~v",
    "anna", "deep", "flag", "read", "unread", "repl", "del", "Re: a plain",
    "in \"names\"", "all",
]


def shown(screen):
    return set(ID.findall(screen.text()))


def limits(screen, pattern):
    """What is on the screen after the limit; None when it is refused."""
    screen.send("l")
    screen.wait_for("Limit to messages matching:")
    screen.send("\x01\x0b" + pattern + "\r")
    wanted = "[]" if pattern in ("all", "~A") else "[%s]" % pattern
    status = re.compile(re.escape(wanted) + r"(\d+)/\d+\.")

    def is_there(_):
        match = status.search(screen.text())
        return match and int(match[1]) == len(shown(screen))
    try:
        screen.wait_for(lambda s: status.search(s.text()), 10)
        screen.send("=")    # smew keeps the line of the cursor
        screen.wait_for(is_there, 10)
    except ScreenError:
        return None
    return shown(screen)


@pytest.fixture
def server():
    with Dovecot() as dovecot:
        odd.fill(dovecot, time.time())
        yield dovecot


@pytest.fixture
def mutt(server, tmp_path):
    with Mutt(server, tmp_path, FORMATS) as screen:
        screen.wait_for(lambda s: len(shown(s)) == len(odd.MAILS), 60)
        yield screen


@pytest.fixture
def smew(make_client, server):
    screen = make_client(server.tunnel, FORMATS +
                         "set sidebar_visible = no\n").start(rows=45)
    screen.wait_for(lambda s: len(shown(s)) == len(odd.MAILS), 60)
    return screen


def test_patterns(mutt, smew):
    for screen in mutt, smew:
        screen.send(":set sort=threads\r")
        screen.settle()
    wrong = []
    for pattern in PATTERNS:
        theirs, ours = limits(mutt, pattern), limits(smew, pattern)
        if theirs is None or ours is None:
            wrong.append("%s: refused by %s" % (
                pattern, "mutt" if theirs is None else "smew"))
        elif theirs != ours:
            wrong.append("%s: mutt alone %s, smew alone %s" % (
                pattern, sorted(theirs - ours), sorted(ours - theirs)))
    assert not wrong, "\n".join(wrong)
