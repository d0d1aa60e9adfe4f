# SPDX-License-Identifier: GPL-3.0-or-later
"""Threads linked and broken: what becomes of the messages on the server, what
the rows look like, offline and undone."""

import email
import re
import time

import pytest
from network import NetworkDovecot
from place import LIMIT, UNDONE, Place, copies, current

BODY = (b"Content-Type: text/plain; charset=iso-8859-1\r\n"
        b"Content-Transfer-Encoding: 8bit\r\n"
        b"\r\nGr\xfc\xdfe\r\n\r\nReferences: <none@x>\r\n.\r\n \r\n")


@pytest.fixture(scope="module")
def net():
    with NetworkDovecot() as server:
        server.deliver(b"Subject: old\r\n\r\nx\r\n", "Archive")
        yield server


@pytest.fixture
def place(net, make_client):
    """a1, b1 <- b2 <- b3; b2 has an odd header and 8-bit text."""
    place = Place(net, make_client, ("a1", "b1"))
    for name, above, rest in (("b2", "b1", BODY), ("b3", "b2", b"\r\nx\r\n")):
        ids = [b"<%s.%d@example.org>" % (n.encode(), place.serial)
               for n in (name, above)]
        net.deliver(b"From: j@example.org\r\nX-Odd:\t folded\r\n  here \r\n"
                    b"Message-ID: %s\r\nReferences: <gone@example.org>\r\n"
                    b"\t%s\r\nDate: Fri, 20 Nov 2026 12:00:0%s +0000\r\n"
                    b"Subject: %s\r\n%s"
                    % (*ids, name[1].encode(), name.encode(), rest),
                    place.folder, time.time() - 500 + int(name[1]))
    place.wait_rows("a1 b1 b2 b3")
    return place


def own_copies(place, name, folder):
    """Others only name it."""
    own = b"Message-ID: <%s." % name.encode()
    return [found for found in copies(place, name, folder)
            if own in found[1]]


def received(answer):
    return re.search(r'INTERNALDATE "[^"]*"', answer)[0]


def trees(place):
    """{name: depth} as the screen draws it."""
    found = {}
    for line in place.screen.lines():
        match = re.search(r"([ab]\d)\s*$", line)
        if match:
            found[match[1]] = match.start()
    return {name: (at - found.get("a1", 0)) // 2 for name, at in found.items()}


def wait_trees(place, **depths):
    place.screen.wait_for(lambda _: trees(place) == depths, LIMIT)


def links(place, name):
    """[[what In-Reply-To names, what References name]] of each of that name."""
    return [[re.findall(r"<(\w+)\.?\d*@", head.get(field, ""))
             for field in ("In-Reply-To", "References")]
            for head in (email.message_from_bytes(octets) for _, octets
                         in own_copies(place, name, place.folder))]


def wait_links(place, name, *wanted):
    """Until there is just one, and it is a reply to these."""
    limit = time.monotonic() + LIMIT
    while (now := links(place, name)) != [[list(w) for w in wanted]]:
        assert time.monotonic() < limit, now
        time.sleep(0.1)


def test_break(place):
    place.go("b2")
    place.type("F")
    place.wait_marked("!", "b2")
    place.go("b2")
    place.type("Y\x15work\r")
    place.wait_server("b2", "work")
    place.go("b2")
    (was, before), = own_copies(place, "b2", place.folder)
    place.type("#", r"1 message begins a thread of its own\. Undo: _")
    wait_links(place, "b2", (), ())
    wait_trees(place, a1=0, b1=0, b2=0, b3=1)
    place.screen.wait_for(lambda s: current(s) == "b2", LIMIT)
    (answer, octets), = own_copies(place, "b2", place.folder)
    assert received(answer) == received(was)
    assert "\\Flagged" in answer and "work" in answer
    fields = before[before.index(b"References:"):before.index(b"Date:")]
    assert octets == before.replace(fields, b"", 1)
    place.wait_server("", "\\Deleted")
    place.wait_server("a1 b1 b2 b3")
    place.type("_", UNDONE + "1 message begins")
    wait_links(place, "b2", (), ("gone", "b1"))
    wait_trees(place, a1=0, b1=0, b2=1, b3=2)
    (_, octets), = own_copies(place, "b2", place.folder)
    assert (sorted(octets.split(b"\r\n")) == sorted(before.split(b"\r\n")))
    assert octets.split(b"\r\n\r\n", 1)[1] == before.split(b"\r\n\r\n", 1)[1]
    place.type("\x1b_", "Redone: ")
    wait_links(place, "b2", (), ())
    place.wait_server("a1 b1 b2 b3")
    # The flag was set on a message that had another number then.
    place.type("_", UNDONE + "1 message begins")
    place.type("_", UNDONE + "labels of 1 message")
    place.type("_", UNDONE + "flags of 1 message")
    wait_links(place, "b2", (), ("gone", "b1"))
    place.wait_server("", "\\Flagged")
    place.wait_server("", "work")


def test_link(place):
    place.type("T~s b[23]\r")
    place.wait_marked("*", "b2 b3")
    place.go("a1")
    place.type("&", r"2 messages are linked to this thread\. Undo: _")
    for name in ("b2", "b3"):
        wait_links(place, name, ("a1",), ("a1",))
    wait_trees(place, a1=0, b1=0, b2=1, b3=1)
    place.wait_server("a1 b1 b2 b3")
    place.wait_marked("*", "")
    assert place.screen.find("new mail") is None
    place.type("_", UNDONE + "2 messages are linked")
    wait_links(place, "b2", (), ("gone", "b1"))
    wait_links(place, "b3", (), ("gone", "b2"))
    wait_trees(place, a1=0, b1=0, b2=1, b3=2)


def test_in_the_pager(place):
    """The message that is open is open again when it has been made anew."""
    place.go("b3")
    place.type("\r", r"^X-Odd:|^Subject: b3")
    place.type("#", "1 message begins a thread")
    wait_links(place, "b3", (), ())
    place.wait_server("a1 b1 b2 b3")
    place.type("i")
    wait_trees(place, a1=0, b1=0, b2=1, b3=0)
    place.screen.wait_for(lambda s: current(s) == "b3", LIMIT)


def test_what_cannot_be(place):
    place.go("a1")
    place.type("#", "is no reply: there is nothing to break")
    place.type("&", "nothing to be linked: tag messages first")
    place.type("t")
    place.wait_marked("*", "a1")
    place.go("a1")
    place.type("&", "There is nothing to be changed")
    place.type(":set sort=date\r")
    place.go("b1")
    place.type("&", "Threading is not enabled")
    place.type("#", "Threading is not enabled")
    place.wait_server("a1 b1 b2 b3")


def test_at_once(place):
    """While nothing goes out the screen shows what is wished; and what was,
    when that is refused."""
    place.type(":offline\r", "ffline")
    place.type("T~s b[23]\r")
    place.wait_marked("*", "b2 b3")
    place.go("a1")
    place.type("&", "2 messages are linked")
    wait_trees(place, a1=0, b1=0, b2=1, b3=1)
    place.go("b3")
    place.type("#", "1 message begins")
    wait_trees(place, a1=0, b1=0, b2=1, b3=0)
    place.type("_", UNDONE + "1 message begins")
    wait_trees(place, a1=0, b1=0, b2=1, b3=1)
    place.type(":journal\r", "2 waiting", r"linked to this thread, Place\d+ *$")
    place.type("d", "Journal: 0 waiting")
    place.type("q")
    wait_trees(place, a1=0, b1=0, b2=1, b3=2)
    place.type(":online\r")
    place.wait_server("a1 b1 b2 b3")
    assert links(place, "b2") == [[[], ["gone", "b1"]]]


def test_offline(place):
    """What has not gone out is undone without a trace. What is done next is
    done to what comes in its place, in another session too."""
    place.type(":offline\r", "ffline")
    place.go("b3")
    place.type("#", "begins a thread")
    wait_trees(place, a1=0, b1=0, b2=1, b3=0)
    place.type("_", UNDONE)
    wait_trees(place, a1=0, b1=0, b2=1, b3=2)
    place.type("\x1b_", "Redone: ")
    wait_trees(place, a1=0, b1=0, b2=1, b3=0)
    place.go("b3")
    place.type("F")
    place.wait_marked("!", "b3")
    place.go("b2")
    place.type("#", "begins a thread")
    place.type("_", UNDONE)
    place.type("x")
    assert place.screen.wait_exit(LIMIT) == 0
    assert links(place, "b3") == [[[], ["gone", "b2"]]]
    place.start(4)
    wait_trees(place, a1=0, b1=0, b2=1, b3=0)
    wait_links(place, "b3", (), ())
    place.wait_server("b3", "\\Flagged")
    place.wait_marked("!", "b3")
    place.wait_server("a1 b1 b2 b3")
    assert links(place, "b2") == [[[], ["gone", "b1"]]]
    wait_trees(place, a1=0, b1=0, b2=1, b3=0)
