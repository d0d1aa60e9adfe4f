# SPDX-License-Identifier: GPL-3.0-or-later
"""Dovecot with imap_zlib, quota, acl and metadata switched on: what the server
forbids is not shown, or shown as what it is."""

import itertools
import re

import pytest
from plugins import PluginDovecot, log_of
from sample import Sample

MAIL = b"From: Rita <rita@example.org>\nSubject: %s\n\nhello\n"

RIGHTS = {
    "Family": "lr",             # read, and no flag may be changed
    "Junk": "l",                # seen in the list, not to be opened
    "Lists/allotment": "",      # not even seen
    "Archive": "lrs",           # \Seen may be kept, nothing else
}


@pytest.fixture(scope="module")
def net():
    with PluginDovecot(RIGHTS) as server:
        server.fill(Sample(size=30))
        server.deliver(MAIL % b"from the family", "Family")
        server.deliver(MAIL % b"in the archive", "Archive")
        yield server


@pytest.fixture
def opened(net, make_client):
    client = make_client(config=net.settings())
    with client.start("-d", "3", "-l", client.home + "/log") as screen:
        screen.wait_index(20)
        screen.client = client
        yield screen


def test_signs_in_and_compresses(opened):
    opened.wait_for(lambda s: "DEFLATE active" in log_of(s) or
                    re.search(r"> \w+ COMPRESS DEFLATE[^$]*OK Begin",
                              log_of(s)))
    said = log_of(opened)
    for word in ("QUOTA", "ACL", "METADATA", "COMPRESS=DEFLATE"):
        assert word in said


def flights(log):
    """What the client sent in one go, flight by flight."""
    lines = re.findall(r" \d+ ([<>]) (.*)$", log, re.M)
    return [[text for _, text in turn] for way, turn in
            itertools.groupby(lines, lambda line: line[0]) if way == ">"]


def test_the_first_screen_is_one_flight_after_select(make_client):
    """With the list of UIDs and COMPRESS; the rest comes compressed."""
    with PluginDovecot(RIGHTS) as server:
        server.fill(Sample(size=400))
        with server.client() as imap:
            there = len(imap.uids())
        client = make_client(config=server.settings())
        with client.start("-d", "3", "-l", client.home + "/log") as screen:
            screen.client = client
            screen.wait_for("Msgs:%d " % there)
            screen.wait_for(lambda s: re.search(r"> \w+ IDLE", log_of(s)))
            sent = flights(log_of(screen))
    first = next(i for i, flight in enumerate(sent)
                 if any(" FETCH " in line for line in flight))
    assert any("SELECT" in line for line in sent[first - 1]), sent
    assert [re.sub(r"^\w+ ([A-Z ]+) .*", r"\1", line)
            for line in sent[first]] == ["FETCH", "UID SEARCH RETURN",
                                         "COMPRESS"], sent[first]


def test_what_may_not_be_looked_up_is_not_listed(opened):
    opened.wait_for("numerics-devel")
    opened.wait_for("Junk")
    opened.settle(1, 5)
    assert "allotment" not in opened.text()


def test_read_only_mailbox(opened, net):
    opened.send("c=Family\r")
    opened.wait_for("from the family")
    opened.wait_for(r"-%-smew: Family")      # $status_chars
    before = opened.row_of("from the family").flags
    opened.send("*F")
    opened.settle(1, 5)
    assert opened.row_of("from the family").flags == before
    assert "UID STORE" not in log_of(opened)


def test_mailbox_that_may_not_be_opened(opened):
    opened.send("c=Junk\r")
    opened.wait_for("(?i)permission|not.*selectable|doesn't exist|denied")
    opened.send("c=Family\r")
    opened.wait_for("from the family")


def test_flag_that_is_not_kept(opened):
    """Only \\Seen is, by its rights and PERMANENTFLAGS; to the rest the server
    would say OK and forget it."""
    opened.send("c=Archive\r")
    opened.wait_for("in the archive")
    opened.send("*")
    opened.wait_for(lambda s: s.current()
                    and "in the archive" in s.current().subject)
    opened.send("F")
    opened.wait_for("the server keeps no such flag here|"
                    "You have no right to change flags here")
    opened.wait_for(lambda s: "!" not in s.row_of("in the archive").flags)
    opened.send("Ywork\r")
    opened.wait_for("the server keeps no label work here|"
                    "You have no right to change flags here")
    opened.send("\r")
    opened.wait_for("hello")
    opened.send("q")
    opened.wait_for(lambda s: s.row_of("in the archive")
                    and "N" not in s.row_of("in the archive").flags)
    opened.wait_for(lambda s: re.search(r"UID STORE \d+ \+FLAGS.SILENT "
                                        r"\(\\Seen\)", log_of(s)))
    assert not re.search(r"UID STORE [^\n]*Flagged", log_of(opened))
