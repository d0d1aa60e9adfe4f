# SPDX-License-Identifier: GPL-3.0-or-later
"""Limits and searches in the index."""

import re
import time

import odd
import pytest
from dovecot import Dovecot

CONFIG = """
set sort = mailbox-order
set delete = no
set sidebar_visible = no
set index_format = "%4C %Z %i %s"
set status_format = "[%V|%M|%m|%n]"
set from = anna@example.org
"""
ID = re.compile(r"^ *(\d+) (...) <(\w+)@\w+>")


def rows(screen):
    """[(number, name)] of the rows on the screen."""
    return [(int(m[1]), m[3]) for m in map(ID.match, screen.lines()) if m]


def names(screen):
    return [name for _, name in rows(screen)]


def current(screen):
    """The name under the cursor, and its line."""
    for y, line in enumerate(screen.lines()):
        match = ID.match(line)
        if match and screen.style(y, 50).reverse:
            return match[3], y
    return None


def limit(screen, pattern, *expected):
    screen.send("l" + pattern + "\r")
    screen.wait_for(lambda s: names(s) == list(expected))


ALL = [mail[0] for mail in odd.MAILS]


@pytest.fixture
def server():
    with Dovecot() as dovecot:
        odd.fill(dovecot, time.time())
        yield dovecot


@pytest.fixture
def screen(make_client, server):
    screen = make_client(server.tunnel, CONFIG).start()
    screen.wait_for(lambda s: names(s) == ALL)
    return screen


def test_limit_and_all(screen):
    limit(screen, "~f carl", "re2", "orphan2")
    screen.wait_for(r"^\[~f carl\|2\|27\|")
    screen.wait_for('To view all messages, limit to "all"')
    assert rows(screen) == [(3, "re2"), (15, "orphan2")]
    screen.send("\x1bl")
    screen.wait_for("Limit: ~f carl")
    limit(screen, "all", *ALL)
    screen.wait_for(r"^\[\|27\|27\|")
    screen.send("\x1bl")
    screen.wait_for("No limit pattern is in effect")


def test_before_the_first_rows(make_client, server):
    """A limit is typed before the cache knows the mailbox."""
    screen = make_client(server.tunnel, CONFIG).start()
    screen.send("l~f carl\r")
    screen.wait_for(lambda s: names(s) == ["re2", "orphan2"])
    screen.wait_for(r"^\[~f carl\|2\|27\|")
    assert "could not be made" not in screen.text()
    limit(screen, "all", *ALL)


def test_plain_words(screen):
    limit(screen, "plain one", "plain", "re1", "re2")
    limit(screen, "flag", "capitals", "twofrom")
    limit(screen, "~P", "plain", "capitals", "today", "yesterday")
    limit(screen, ".", *ALL)


def test_nothing_matches(screen):
    screen.send("=jj")
    screen.wait_for(lambda s: (current(s) or [""])[0] == "re2")
    screen.send("l~s nothing\r")
    screen.wait_for("No messages matched criteria")
    screen.wait_for(lambda s: names(s) == [])
    # The cursor comes back to where it was.
    limit(screen, "all", *ALL)
    screen.wait_for(lambda s: (current(s) or [""])[0] == "re2")


@pytest.mark.parametrize("pattern, said", [
    ("~b foo", "column 1: ~b is not available yet"),
    ("~f", "column 3: the pattern ends where a regular expression"),
    ("~A foo", "column 4: expected a pattern"),
    ("~d 32/1", "1 to 31"),
    ("~s 'a('", "'a\\(' cannot be used"),
])
def test_errors(screen, pattern, said):
    screen.send("l" + pattern + "\r")
    screen.wait_for(said)
    assert names(screen) == ALL


def test_the_cursor_stays(screen):
    screen.send("=" + "j" * 3)
    screen.wait_for(lambda s: (current(s) or [""])[0] == "capitals")
    line = current(screen)[1]
    limit(screen, "~A !~s plain", *ALL[3:])
    # There is nothing above it any more; it still is the same message.
    screen.wait_for(lambda s: (current(s) or [""])[0] == "capitals")
    assert current(screen)[1] < line
    # Nor does its line move when there is: it stays on the first one.
    limit(screen, "all", *ALL[3:])
    assert current(screen) == ("capitals", 1)
    # What is hidden gives its line to the next one.
    limit(screen, "!~F", *[n for n in ALL[3:] if n not in ("capitals",
                                                          "twofrom")])
    assert current(screen) == ("umlaut", 1)


def test_new_mail_and_flags(screen, server):
    limit(screen, "~s fresh | ~F", "capitals", "twofrom")
    server.deliver(b"From: a@example.org\nMessage-ID: <stale@odd>\n"
                   b"Subject: stale\n\nx\n")
    server.deliver(b"From: a@example.org\nMessage-ID: <fresh@odd>\n"
                   b"Subject: fresh\n\nx\n")
    screen.wait_for(lambda s: names(s) == ["capitals", "twofrom", "fresh"],
                    60)
    with server.client() as imap:
        imap.flag(imap.uids(query="HEADER Message-ID capitals")[0],
                  "-\\Flagged")
    # It stays until the limit is made again.
    screen.wait_for(lambda s: not re.search(r"! <capitals", s.text()), 60)
    assert names(screen) == ["capitals", "twofrom", "fresh"]
    limit(screen, "~F", "twofrom")


def test_numbers_under_a_limit(screen):
    limit(screen, "~f carl", "re2", "orphan2")
    screen.send("15\r")
    screen.wait_for(lambda s: (current(s) or [""])[0] == "orphan2")
    screen.send("4\r")
    screen.wait_for("no such message in sight")
    assert current(screen)[0] == "orphan2"
    screen.send("99\r")
    screen.wait_for("Invalid message number")


def test_another_sort_keeps_the_limit(screen):
    limit(screen, "~f carl", "re2", "orphan2")
    screen.send(":set sort=reverse-date\r")
    # The cursor keeps its line: what comes above it is out of sight.
    screen.wait_for(lambda s: names(s) == ["re2"])
    screen.send("=")
    screen.wait_for(lambda s: names(s) == ["orphan2", "re2"])
    screen.send(":set sort=threads\r")
    screen.settle()
    screen.send("=")
    screen.wait_for(lambda s: names(s) == ["re2", "orphan2"])
    screen.wait_for(r"^\[~f carl\|2\|27\|")


def test_history(screen):
    limit(screen, "~f carl", "re2", "orphan2")
    limit(screen, "all", *ALL)
    screen.send("l\x1b[A\x1b[A\r")
    screen.wait_for(lambda s: names(s) == ["re2", "orphan2"])


def test_another_mailbox_has_no_limit(screen, server):
    limit(screen, "~f carl", "re2", "orphan2")
    server.doveadm("mailbox", "create", "Other")
    screen.send("c=Other\r")
    screen.wait_for("There are no messages")
    screen.send("c!\r")
    screen.wait_for(lambda s: names(s) == ALL)
    screen.wait_for(r"^\[\|27\|27\|")


def test_limit_current_thread(screen):
    screen.send("=j:exec limit-current-thread\r")
    screen.wait_for(lambda s: names(s) == ["plain", "re1", "re2"])


def at(name):
    return lambda screen: (current(screen) or [""])[0] == name


def test_search(screen):
    screen.send("=/~s deep\r")
    screen.wait_for(at("deep1"))
    screen.send("nn")
    screen.wait_for(at("deep3"))
    screen.send("\x1b/~f anna\r")
    screen.wait_for(at("capitals"))
    screen.send("n")
    screen.wait_for(at("plain"))
    screen.send("n")
    screen.wait_for(at("yesterday"))
    screen.wait_for("Search wrapped to bottom")
    screen.send(":exec search-opposite\r")
    screen.wait_for(at("plain"))
    screen.wait_for("Search wrapped to top")
    screen.send("/nothing like it\r")
    screen.wait_for("Not found")
    screen.send(":set nowrap_search\r")
    screen.send("/~s yesterday\r")
    screen.wait_for(at("yesterday"))
    screen.send("n")
    screen.wait_for("Search hit bottom without finding match")


def test_colours_by_pattern(make_client, server):
    config = CONFIG + (
        "color index brightwhite blue '~f carl'\n"
        "color index green default '~s deep'\n"
        "color index red default '~b later'\n")
    screen = make_client(server.tunnel, config).start()
    screen.wait_for(lambda s: names(s) == ALL)

    def colour(name):
        for y, line in enumerate(screen.lines()):
            match = ID.match(line)
            if match and match[3] == name:
                cell = screen.style(y, 60)
                return cell.fg, cell.bg
        return None
    screen.wait_for(lambda s: colour("orphan2")[1] == "blue")
    assert colour("deep3")[0] == "green"
    assert colour("plain")[1] != "blue"
    assert colour("branch")[0] != "green"


@pytest.mark.size(3000)
def test_costly_expression_is_given_up(make_client, request):
    """^G ends it, the list stays in reach meanwhile."""
    from sample import Sample
    with Dovecot() as dovecot:
        dovecot.fill(Sample(size=3000))
        for i in range(60):
            dovecot.deliver(b"From: a@b.c\nMessage-ID: <s%d@odd>\n"
                            b"Subject: %s\n\nx\n" % (i, b"a" * 900))
        client = make_client(dovecot.tunnel, CONFIG)
        screen = client.start()
        screen.wait_for(r"^\[\|3060\|3060\|", 60)
        screen.send("*")
        screen.wait_for(lambda s: current(s))
        screen.send("l~s '(a+)+[xy]'\r\x07")
        screen.wait_for("The limit was given up|No messages matched|"
                        "too costly", 60)
        screen.send("lall\r")
        screen.wait_for(r"^\[\|3060\|3060\|", 60)
        screen.wait_for(lambda s: current(s))
