# SPDX-License-Identifier: GPL-3.0-or-later
"""Mailing lists as messages name them: list-reply, list-action."""

import pytest
from dovecot import Dovecot
from writer import Writer

POST = """From: eve@example.net
To: talk@lists.example.net
Date: Sun, 15 Nov 2026 10:00:00 +0000
Subject: News of the list
Message-ID: <list@example.net>
List-Post: <mailto:talk@lists.example.net>
List-Unsubscribe: <https://lists.example.net/leave>,
 <mailto:leave@lists.example.net?subject=leave%20me&attach=/etc/passwd
 &x-priority=1&body=please>
List-Archive: <https://lists.example.net/archive/\u202eevil>,
 <https://lists.example.net/archive>

Text.
"""
PLAIN = """From: bob@example.net
To: anna@example.org
Date: Sun, 15 Nov 2026 11:00:00 +0000
Subject: No list
Message-ID: <plain@example.net>

Text.
"""


@pytest.fixture
def writer(make_client, tmp_path):
    with Dovecot() as dovecot:
        for text in (POST, PLAIN):
            dovecot.deliver(text.encode())
        with dovecot.client() as imap:
            imap.create("Sent")
        yield Writer(make_client, dovecot, tmp_path)


def test_answer_to_a_list_that_is_not_configured(writer):
    screen = writer.start()
    screen.send("1\r")
    screen.send("L")
    writer.answer("To: talk@lists.example.net", "\r")
    writer.answer("Subject: Re: News of the list", "\r")
    writer.answer("Include message", "n")
    writer.menu()
    screen.send("y")
    message, = writer.sent()
    assert message["To"] == "talk@lists.example.net"
    assert message["In-Reply-To"] == "<list@example.net>"


def test_leave_by_mail(writer):
    """The link's fields are shown before anything is sent; what may not be
    set is not."""
    screen = writer.start(columns=80, rows=24)
    screen.send("1\r")
    screen.send("\x1bL")
    writer.see("List: (p)ost, (u)nsubscribe, (a)rchive? ")
    screen.send("u")
    writer.answer("To: leave@lists.example.net", "\r")
    writer.answer("Subject: leave me", "\r")
    writer.menu()
    screen.send("y")
    message, = writer.sent()
    assert message["To"] == "leave@lists.example.net"
    assert message["Subject"] == "leave me"
    assert message.get_content().startswith("please\n")
    assert message["X-Priority"] is None and not message.is_multipart()


def test_fields_that_are_allowed(writer):
    writer.option("mailto_allow x-priority attach")
    screen = writer.start()
    screen.send("1\r")
    screen.send("\x1bL")
    writer.answer("List: (p)ost", "u")
    writer.answer("To: leave@lists.example.net", "\r")
    writer.answer("Subject: leave me", "\r")
    writer.menu()
    screen.send("y")
    message, = writer.sent()
    assert message["X-Priority"] == "1" and not message.is_multipart()


def test_pages_are_shown_alone(writer):
    """Nothing is fetched, and nothing is written."""
    screen = writer.start()
    screen.send("1\r")
    screen.send("\x1bL")
    writer.answer("List: (p)ost", "a")
    writer.see("See https://lists.example.net/archive")
    assert "evil" not in screen.text()
    screen.send("m")
    writer.see("To: ")
    screen.send("\x07")
    screen.wait_gone("To: ")


def test_no_list(writer):
    screen = writer.start()
    screen.send("2\r")
    screen.send("\x1bL")
    writer.see("This message names no list")
    screen.send("L")
    writer.see("No mailing lists found!")
