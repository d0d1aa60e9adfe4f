# SPDX-License-Identifier: GPL-3.0-or-later
"""Hooks and groups: what is decided by who writes to whom."""

import pytest
from test_compose import Writer, server  # noqa: F401


@pytest.fixture
def writer(make_client, server, tmp_path):  # noqa: F811
    return Writer(make_client, server, tmp_path)


def test_save_hook(writer):
    writer.option("""
group -group builders -rx '^bob@' -addr 'Someone <someone@example.com>'
save-hook '%f builders' =Site
save-hook '~s list' =lists/%a
set confirmcreate = no
""")
    screen = writer.start()
    screen.send("2\rs")
    writer.see("Save to mailbox: =lists/eve@example.net")
    screen.send("\x07")
    screen.send("1\rs")
    writer.answer("Save to mailbox: =Site", "\r")
    writer.stored("Site")
    screen.wait_for(lambda s: len(s.rows()) == 1)
    screen.send(":unhook save-hook\r:set save_address\r")
    screen.send("s")
    writer.see("Save to mailbox: =eve@example.net")
    screen.send("\x07")
    screen.send("l%f builders\r")
    writer.see("No messages match")


def test_save_name(writer):
    """Copies by whom they go to: where there is such a mailbox, or always."""
    with writer.server.client() as imap:
        imap.create("bob")
    writer.option("set save_name sidebar_visible = yes")
    screen = writer.start()
    screen.wait_for("^ *bob ")
    writer.write()
    writer.see("Fcc: bob")
    screen.send("qn")
    writer.back()
    writer.write(to="carl@example.com")
    writer.see("Fcc: Sent")
    screen.send("qn")
    writer.back()
    screen.send(":set force_name save_address\r")
    writer.write(to="carl@example.com")
    writer.see("Fcc: carl@example.com")
    screen.send("y")
    writer.stored("carl@example.com")


def test_send2_hook(writer):
    """Each time that the message has become another one."""
    writer.option("""
send2-hook ~A 'set compose_format="for others"'
send2-hook '~t carl' 'set compose_format="for Carl"'
send2-hook '~s urgent' 'set compose_format="in haste"'
fcc-save-hook '~C carl' =Carl
""")
    screen = writer.start()
    writer.write()
    writer.see("for others")
    screen.send("t\x15")
    writer.answer("To: ", "carl@example.com\r")
    writer.see("for Carl")
    screen.send("s\x15")
    writer.answer("Subject: ", "Urgent\r")
    writer.see("in haste")
    screen.send("qn")
    writer.back()
    writer.write(to="carl@example.com")
    writer.see("for Carl")
    writer.see("Fcc: Carl")
