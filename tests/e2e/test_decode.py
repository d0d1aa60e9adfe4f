# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages saved and copied as text: what the copy is, where the original is
left, offline and undone."""

import email
import email.policy
import time

import pytest
from network import NetworkDovecot
from place import LIMIT, NAMES, UNDONE, Place, copies

PICTURE = b"""From: =?utf-8?q?J=C3=BCrgen?= <j@example.org>
To: anna@example.org
Date: Fri, 20 Nov 2026 11:00:00 +0000
Subject: b1
Message-ID: <b1.%d@example.org>
X-Spam: no
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=sep

--sep
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Gr=FC=DFe aus K=F6ln
--sep
Content-Type: image/png; name=cat.png
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename=cat.png

AAAA
--sep--
"""


@pytest.fixture(scope="module")
def net():
    with NetworkDovecot() as server:
        for name in ("Elsewhere", "Archive", "Doomed"):
            server.deliver(b"Subject: old\r\n\r\nx\r\n", name)
        yield server


@pytest.fixture
def place(net, make_client):
    return Place(net, make_client)


def test_a_copy(net, make_client):
    place = Place(net, make_client, ("a1",))
    place.net.deliver(PICTURE.replace(b"\n", b"\r\n") % place.serial,
                      place.folder, time.mktime((2020, 2, 3, 4, 5, 6, 0, 0, 0)))
    place.screen.wait_for(r"^\[Place\d+\|2\|", LIMIT)
    place.go("b1")
    place.type("F")
    place.wait_marked("!", "b1")
    place.go("b1")
    place.type("\x1bC", "Decode-copy to mailbox:")
    place.type("\x15=Elsewhere\r",
               r"1 message saved as text in Elsewhere\. Undo: _")
    place.wait_server("b1", folder="Elsewhere")
    place.wait_server("a1 b1")
    (answer, octets), = copies(place, "b1")
    assert '"03-Feb-2020 0' in answer and "\\Flagged" in answer
    assert b"\n" not in octets.replace(b"\r\n", b"")
    text = email.message_from_bytes(octets, policy=email.policy.default)
    assert text.get_content_type() == "text/plain"
    assert text.get_content_charset() == "utf-8"
    assert text["X-Spam"] == "no"
    assert "Jürgen" in text["From"]
    assert [k for k in text.keys() if k.lower().startswith("content-")] == [
        "Content-Type", "Content-Transfer-Encoding"]
    body = text.get_content()
    assert "Grüße aus Köln" in body
    assert "cat.png" in body and "AAAA" not in body
    place.type("_", UNDONE + "1 message saved as text")
    place.wait_server("", folder="Elsewhere")
    place.type("\x1b_", "Redone: ")
    place.wait_server("b1", folder="Elsewhere")


def test_weeding(place):
    place.type(":set copy_decode_weed; ignore *; unignore from subject\r")
    place.go("a2")
    place.type("\x1bC\x15=Elsewhere\r", "saved as text in Elsewhere")
    place.wait_server("a2", folder="Elsewhere")
    (_, octets), = copies(place, "a2")
    text = email.message_from_bytes(octets)
    # Without its id nobody could tell the copy again.
    assert sorted(text.keys()) == [
        "Content-Transfer-Encoding", "Content-Type", "From", "MIME-Version",
        "Message-ID", "Subject"]


def test_save_tagged(place):
    place.type("T~s a\r;\x1bs", "Decode-save tagged messages to mailbox:")
    place.type("\x15=Elsewhere\r", "4 messages saved as text in Elsewhere")
    place.wait_marked("D", "a1 a2 a3 a4")
    place.wait_server("a1 a2 a3 a4", folder="Elsewhere")
    place.wait_server("", "\\Deleted", folder="Elsewhere")
    place.wait_server("a1 a2 a3 a4", "\\Deleted")
    place.wait_server(" ".join(NAMES))
    place.type("_", UNDONE + "4 messages saved as text")
    place.wait_marked("D", "")
    place.wait_server("", "\\Deleted")
    place.wait_server("", folder="Elsewhere")


def test_offline(place):
    """What has not gone out is undone without a trace; the rest comes."""
    place.type(":offline\r", "ffline")
    place.go("c1")
    place.type("\x1bs\x15=Elsewhere\r", "saved as text in Elsewhere")
    place.wait_marked("D", "c1")
    place.type("_", UNDONE)
    place.wait_marked("D", "")
    place.go("d1")
    place.type("\x1bs\x15=Elsewhere\r", "saved as text in Elsewhere")
    place.wait_marked("D", "d1")
    place.wait_server("", folder="Elsewhere")
    place.type("x")
    assert place.screen.wait_exit(LIMIT) == 0
    place.start(len(NAMES))
    place.wait_server("d1", folder="Elsewhere")
    place.wait_server("d1", "\\Deleted")


def test_what_is_done_later_is_not_copied(place):
    """A copy has the flags and labels of the moment it was asked for, whenever
    it is made."""
    place.type(":unset resolve\r")
    place.go("c1")
    place.type("F")
    place.wait_server("c1", "\\Flagged")
    place.type("Y\x15work\r")
    place.wait_server("c1", "work")
    place.type(":offline\r", "ffline")
    place.type("\x1bC\x15=Elsewhere\r", "saved as text in Elsewhere")
    place.type("F")
    place.wait_marked("!", "")
    place.type("Y\x15home\r", "abel")
    place.type(":online\r")
    place.wait_server("c1", folder="Elsewhere")
    (answer, _), = copies(place, "c1")
    assert "\\Flagged" in answer
    assert "work" in answer and "home" not in answer
    place.wait_server("", "\\Flagged")
    place.wait_server("c1", "home")


def test_into_the_same_mailbox(net, make_client):
    place = Place(net, make_client, ("a1", "b1"))
    place.go("b1")
    place.type("\x1bC\x15=%s\r" % place.folder, "saved as text in Place")
    place.screen.wait_for(r"^\[Place\d+\|3\|", LIMIT)
    assert len(copies(place, "b1", place.folder)) == 2


def test_a_large_one_comes_in_pieces(net, make_client):
    place = Place(net, make_client, ("a1",))
    line = b"x" * 70 + b"\r\n"
    place.net.deliver(b"Subject: b1\r\nMessage-ID: <b1.%d@example.org>\r\n"
                      b"\r\n" % place.serial + line * 15000 + b"z" * 5000 + b"end\r\n",
                      place.folder, time.time())
    place.wait_rows("a1 b1")
    place.go("b1")
    place.type("\x1bs\x15=Elsewhere\r", "saved as text in Elsewhere")
    place.wait_server("b1", folder="Elsewhere")
    (_, octets), = copies(place, "b1")
    assert max(map(len, octets.split(b"\r\n"))) <= 998
    text = email.message_from_bytes(octets, policy=email.policy.default)
    body = text.get_content()
    assert body.count("x" * 70) == 15000
    assert "z" * 5000 + "end" in body


def test_a_refusal_marks_nothing(place):
    """The mailbox is gone by the time: the original is not marked."""
    place.type("c=Doom")
    place.screen.wait_for(lambda s: s.find("mailbox: =Doomed")
                          or s.send("\t"), LIMIT)
    place.type("\x07:offline\r", "ffline")
    place.go("c1")
    place.type("\x1bs\x15=Doomed\r", "saved as text in Doomed")
    place.wait_marked("D", "c1")
    with place.net.client() as imap:
        imap.check_ok(imap.delete("Doomed"))
    place.type(":online\r", "refused")
    place.wait_marked("D", "")
    place.wait_server("", "\\Deleted")
