# SPDX-License-Identifier: GPL-3.0-or-later
"""The menu of postponed messages."""

import time

import pytest
from writer import Writer, messages

DRAFT = """From: Anna Example <anna@example.org>
To: {to}
Date: Mon, {day} Nov 2026 10:00:00 +0000
Subject: {subject}
Message-ID: <draft-{day}@example.org>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

Text of {subject}.
"""
NAMES = ("Plans", "Recipes", "Travel")
TITLE = r"Postponed messages \(Drafts\): "


class Drafts(Writer):
    def draft(self, *subjects, flags=r"(\Draft \Seen)"):
        with self.server.client() as imap:
            for subject in subjects:
                text = DRAFT.format(to="Bob Builder <bob@example.net>",
                                    day=1 + len(self.subjects()),
                                    subject=subject)
                kind, _ = imap.append("Drafts", flags, None,
                                      text.replace("\n", "\r\n").encode())
                assert kind == "OK"

    def subjects(self):
        with self.server.client() as imap:
            return [m["Subject"] for _, m in messages(imap, "Drafts")]

    def wait_subjects(self, *wanted):
        end = time.monotonic() + 60
        while self.subjects() != list(wanted):
            assert time.monotonic() < end, self.subjects()
            time.sleep(0.1)

    def open(self, n):
        """The menu, when all n are there and it looks for no more."""
        self.screen.send("R")
        return self.screen.wait_for(TITLE + "%d *$" % n)

    def listed(self):
        """The drafts of the menu, from above."""
        rows = [r for r in self.screen.lines() if "Bob Builder" in r]
        return [name for r in rows for name in NAMES if name in r]

    def at(self, subject):
        self.screen.wait_for(
            lambda s: s.marked_row() is not None and
            subject in s.lines()[s.marked_row()])


@pytest.fixture
def writer(make_client, mail_server, tmp_path):
    return Drafts(make_client, mail_server, tmp_path)


def test_none(writer):
    screen = writer.start()
    screen.send("R")
    writer.see("There are no postponed messages.")
    screen.wait_gone("Postponed messages")
    screen.wait_index(2)


def test_one_is_taken_up(writer):
    """Of a mailbox that nobody opened before: without a menu."""
    writer.draft("Plans")
    screen = writer.start()
    screen.send("R")
    writer.menu()
    writer.see("Subject: Plans")
    writer.see("Bob Builder <bob@example.net>")
    writer.see("Text of Plans.")
    screen.send("y")
    writer.back()
    # The mailbox that was open still is.
    screen.wait_index(2)
    message, = writer.sent()
    assert message["Subject"] == "Plans"
    assert "Text of Plans." in message.get_content()
    writer.wait_subjects()


@pytest.mark.parametrize("connections", [1, 3])
def test_choose(writer, connections):
    """The newest first; what is chosen goes out and is removed, the others
    stay."""
    writer.option("set imap_connections = %d" % connections)
    writer.draft(*NAMES)
    screen = writer.start()
    writer.open(3)
    assert writer.listed() == ["Travel", "Recipes", "Plans"]
    writer.at("Travel")
    screen.send("j")
    writer.at("Recipes")
    screen.send("\r")
    writer.menu()
    writer.see("Subject: Recipes")
    screen.send("y")
    writer.back()
    message, = writer.sent()
    assert message["Subject"] == "Recipes"
    writer.wait_subjects("Plans", "Travel")
    writer.open(2)
    assert writer.listed() == ["Travel", "Plans"]
    screen.send("q")
    screen.wait_gone("Postponed messages")
    screen.wait_index(2)


def test_others_change_them(writer):
    """What the cache has is shown at once, what changed since follows; a draft
    that was taken away is not made up."""
    writer.draft("Plans", "Recipes")
    screen = writer.start()
    writer.open(2)
    screen.send("q")
    screen.wait_gone("Postponed messages")
    writer.draft("Travel")
    writer.open(3)
    assert writer.listed() == ["Travel", "Recipes", "Plans"]
    with writer.server.client() as imap:
        imap.select("Drafts")
        imap.store("1:3", "+FLAGS", r"(\Deleted)")
        imap.expunge()
    screen.send("\r")
    writer.see("could not be fetched")
    screen.wait_index(2)
    assert not screen.find("-- Text")
    screen.send("R")
    writer.see("There are no postponed messages.")


def test_new_message_asks(writer):
    writer.option("set recall = ask-yes")
    writer.draft("Plans", "Travel")
    screen = writer.start()
    # Now it is known how many there are.
    writer.open(2)
    screen.send("q")
    screen.wait_gone("Postponed messages")
    screen.send("m")
    writer.answer("Recall postponed message?", "y")
    screen.wait_for(TITLE + "2 *$")
    screen.send("q")
    screen.wait_gone("Postponed messages")
    screen.send("m")
    writer.answer("Recall postponed message?", "n")
    writer.answer("To: ", "\x07")
    screen.wait_gone("To: ")


def test_delete_and_undelete(writer):
    writer.draft(*NAMES)
    screen = writer.start()
    writer.open(3)
    screen.send("d")
    screen.wait_for(r"1 D .*Travel")
    writer.at("Recipes")
    screen.send("d")
    screen.wait_for(r"2 D .*Recipes")
    screen.send("k")
    writer.at("Recipes")
    screen.send("u")
    screen.wait_for(r"2   .*Recipes")
    end = time.monotonic() + 60
    while [b"\\Deleted" in flags for flags, _ in writer.stored("Drafts", 3)
           ] != [False, False, True]:
        assert time.monotonic() < end
        time.sleep(0.1)
    # It is shown while the menu is; then it is not offered any more.
    screen.send("q")
    screen.wait_gone("Postponed messages")
    writer.open(2)
    assert writer.listed() == ["Recipes", "Plans"]


def test_search_and_help(writer):
    writer.draft(*NAMES)
    screen = writer.start(columns=80, rows=24)
    writer.open(3)
    writer.at("Travel")
    screen.send("/")
    writer.answer("Search for: ", "plans\r")
    writer.at("Plans")
    screen.send("n")
    writer.see("Search wrapped to top.")
    writer.at("Plans")
    screen.send("?")
    writer.see("Keys: Postponed messages")
    screen.send("/")
    writer.answer("Search for: ", "undelete-entry\r")
    screen.wait_for("^u +undelete-entry +take the mark of deletion away")
    screen.send("q")
    screen.wait_for(TITLE + "3")


def test_offline(writer):
    """What the cache has is shown; what was read before can be edited."""
    writer.draft("Plans", "Travel")
    screen = writer.start()
    writer.open(2)
    screen.send("j\r")
    writer.menu()
    writer.see("Subject: Plans")
    screen.send("q")
    writer.answer("Save (postpone) draft message?", "n")
    writer.back()
    screen.send(":offline\r")
    screen.wait_for("offline: you said so")
    writer.open(2)
    screen.send("j\r")
    writer.menu()
    writer.see("Subject: Plans")


def test_offline_and_never_seen(writer):
    """Nothing is said that is not known."""
    writer.draft("Plans")
    screen = writer.start()
    screen.send(":offline\r")
    screen.wait_for("offline: you said so")
    screen.send("R")
    screen.wait_for("The mailbox of postponed messages is not known yet|"
                    "offline: .*you said so")
    screen.wait_gone("Postponed messages|Looking for")
    screen.settle()
    assert "There are no postponed" not in screen.text()


def test_not_stored_yet(writer):
    """One that was postponed offline waits in the outbox: that is said."""
    screen = writer.start()
    screen.send(":offline\r")
    screen.wait_for("offline: you said so")
    writer.write(subject="Plans")
    screen.send("P")
    writer.back()
    writer.wait_no_drafts()
    screen.send("R")
    writer.see("what is on its way is in :outbox.")
    screen.send(":online\r")
    writer.stored("Drafts")
    # It is known that it is stored when the outbox says so.
    screen.send(":outbox\r")
    screen.wait_for(r"stored +\(a draft\)")
    screen.send("q")
    writer.back()
    screen.send("R")
    writer.menu()
    writer.see("Subject: Plans")


def test_at_the_start(writer):
    """`smew -p` waits for the list of mailboxes."""
    writer.draft("Plans", "Travel")
    screen = writer.client.start("-p", columns=80, rows=24)
    writer.screen = screen
    screen.wait_for(TITLE + "2 *$")
    screen.send("\r")
    writer.menu()
    writer.see("Subject: Travel")
