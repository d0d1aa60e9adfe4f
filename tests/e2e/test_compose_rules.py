# SPDX-License-Identifier: GPL-3.0-or-later
"""Hooks and groups: what is decided by who writes to whom."""


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


MINE = """From: carl@example.com
To: %s
Subject: %s
Message-ID: <%s@example.com>
X-Original-To: anna+x@example.org

Which of us?
"""


def reply(writer, number):
    writer.screen.send("%d\r" % number)
    writer.screen.send("r")
    writer.answer("To: carl@example.com", "\r")
    writer.answer("Subject: ", "\r")
    writer.answer("Include message", "n")
    writer.menu()


def test_identity(writer):
    """An answer from another address than it was sent to is asked about."""
    writer.server.deliver((MINE % ("work@example.com", "w", "w")).encode())
    writer.server.deliver((MINE % ("other@example.net", "o", "o")).encode())
    writer.option("""
alternates other@example.net
account work {
set from = work@example.com
set tunnel = "%s"
set imap_user = anna
}
""" % writer.server.tunnel.replace('"', '\\"'))
    screen = writer.start()
    screen.wait_for(lambda s: len(s.rows()) == 4)
    reply(writer, 3)
    screen.send("y")
    writer.answer("It was sent to work@example.com, you answer as Anna "
                  "Example <anna@example.org>. Cancel?", "\r")
    writer.see("Mail not sent.")
    screen.send("\x1bf\x15work@example.com\r")
    writer.see("From: work@example.com")
    screen.send("y")
    assert writer.sent()[0]["From"] == "work@example.com"
    writer.back()
    # One From for all of them, unless reverse_name says otherwise.
    reply(writer, 4)
    screen.send("y")
    writer.sent(2)
    writer.back()
    screen.send(":set reverse_name\r")
    reply(writer, 4)
    writer.see("From: other@example.net")
    screen.send("\x1bf\x15anna@example.org\r")
    writer.see("From: anna@example.org")
    screen.send("y")
    writer.answer("It was sent to other@example.net", "n")
    writer.sent(3)
    writer.back()
    screen.send(":set noreverse_name reply_with_xorig\r")
    reply(writer, 4)
    writer.see("From: anna+x@example.org")


def test_copy_is_asked(writer):
    writer.option("set copy = ask-yes")
    screen = writer.start()
    writer.write(subject="one")
    screen.send("y")
    writer.answer("Save a copy of this message?", "\x07")
    writer.see("Mail not sent.")
    screen.send("y")
    writer.answer("Save a copy of this message?", "n")
    writer.sent()
    writer.back()
    writer.write(subject="two")
    screen.send("y")
    writer.answer("Save a copy of this message?", "\r")
    writer.sent(2)
    (_, copy), = writer.stored("Sent")
    assert copy["Subject"] == "two"
    writer.back()
    # What was named is wanted.
    writer.write(subject="three")
    screen.send("f\x15=Sent\r")
    writer.see("Fcc: Sent")
    screen.send("y")
    writer.stored("Sent", 2)
