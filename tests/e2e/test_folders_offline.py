# SPDX-License-Identifier: GPL-3.0-or-later
"""Mailboxes made, renamed, deleted, subscribed to and emptied without a server:
shown at once, done when there is one, taken back before and after, and whatever
depends on them with them."""

import pytest
from acting import journal_path, query
from dovecot import Dovecot
from test_folders import LIMIT, command, lines, names, put, subscribed

CONFIG = """set sort = mailbox-order
set delete = yes
set quit = yes
set mark_old = no
set sidebar_visible = yes
set imap_check_subscribed = no
"""
BOXES = ["Family", "Old", "Old/2024", "Trash"]


class Place:
    def __init__(self, server, client):
        self.server, self.client = server, client
        self.screen = None

    def start(self, *also):
        self.screen = self.client.start(columns=120, rows=40)
        self.screen.wait_for("INBOX", LIMIT)
        self.shows("Trash", *also)

    def end(self):
        self.screen.send("\x07\x07q")
        self.screen.wait_exit()
        self.screen = None

    def order(self, line, answer):
        command(self.screen, line, answer)

    def shows(self, *there, gone=()):
        self.screen.wait_for(
            lambda s: set(there) <= set(lines(s)) and
            not set(gone) & set(lines(s)), LIMIT)

    def waiting(self):
        return query(journal_path(self.client),
                     "SELECT count(*) FROM item WHERE state = 0")[0][0]

    def online(self):
        self.screen.send("\x07\x07:online\r")
        self.screen.wait_for(lambda _: self.waiting() == 0, LIMIT)

    def offline(self):
        self.order("offline", "[Oo]ffline")

    def on_server(self, *there, gone=()):
        have = set(names(self.server))
        assert set(there) <= have and not set(gone) & have, have

    def messages(self, mailbox):
        with self.server.client() as imap:
            imap.check_ok(imap.select('"%s"' % mailbox, readonly=True))
            _, data = imap.uid("FETCH", "1:*",
                               "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
        return sorted(text.decode().split(": ")[1].strip()
                      for _, text in (d for d in data if d and len(d) == 2))

    def three_deeds(self):
        """Without a server."""
        self.order("create =New", "mailbox New created")
        self.order("rename =Old =Older", "mailbox Old renamed to Older")
        self.order("delete =Family", "no messages.*yes/.no")
        self.screen.send("y")
        self.shows("New", "Older", gone=["Old", "Family"])

    def taken_back(self):
        self.screen.send("\x07\x07_")

    def done_again(self):
        self.screen.send("\x07\x07\x1b_")


@pytest.fixture
def place(make_client):
    with Dovecot() as server:
        with server.client() as imap:
            for name in BOXES:
                imap.check_ok(imap.create('"%s"' % name))
        put(server, "INBOX", 3)
        put(server, "Old", 2, 10)
        put(server, "Old/2024", 1, 20)
        put(server, "Trash", 2, 30)
        one = Place(server, make_client(server.tunnel, CONFIG))
        one.start("Family", "Old", "2024")
        one.screen.wait_for("In 2", LIMIT)
        yield one
        if one.screen:
            one.end()


def test_a_day_of_mailboxes(place):
    place.offline()
    place.order("create =New", "Offline, waits for the server: mailbox New")
    place.shows("New")
    place.order("create =New/Deep", "New/Deep created")
    place.order("rename =Old =Older", "mailbox Old renamed to Older")
    place.shows("Older", gone=["Old"])
    place.screen.send("=s\x15=New/Deep\r")
    place.screen.wait_for(lambda _: place.waiting() == 4, LIMIT)
    # What was renamed is called by its new name.
    place.screen.send("\x07s\x15=Older\r")
    place.screen.wait_for(lambda _: place.waiting() == 5, LIMIT)
    place.order("subscribe-to =Family", "subscription to Family")
    place.order("delete =Family", "no messages.*yes/.no")
    place.screen.send("y")
    place.shows(gone=["Family"])
    assert place.waiting() == 7
    place.on_server(*BOXES, gone=["New", "Older"])
    place.online()
    place.on_server("New", "New/Deep", "Older", "Older/2024",
                    gone=["Family", "Old", "Old/2024"])
    assert place.messages("New/Deep") == ["In 0"]
    assert place.messages("Older") == ["In 1", "In 10", "In 11"]
    assert place.messages("INBOX") == ["In 2"]
    place.shows("New", "Older", gone=["Old", "Family"])


def test_another_start_before_it_is_done(place):
    place.offline()
    place.three_deeds()
    place.end()
    with open(place.client.config, "a", encoding="utf-8") as out:
        out.write("offline\n")
    place.start("New", "Older")
    place.shows("New", "Older", gone=["Old", "Family"])
    assert place.waiting() == 3
    place.online()
    place.on_server("New", "Older/2024", gone=["Old", "Family"])


def test_taken_back_before_it_ran(place):
    place.offline()
    place.three_deeds()
    for there in ("Family", "Old"):
        place.taken_back()
        place.shows(there)
    place.taken_back()
    place.shows(gone=["New", "Older"])
    assert place.waiting() == 0
    for there in ("New", "Older"):
        place.done_again()
        place.shows(there)
    place.done_again()
    place.shows(gone=["Family"])
    place.online()
    place.on_server("New", "Older", gone=["Old", "Family"])


def test_taken_back_after_it_ran(place):
    place.order("create =New", "^Mailbox New is there")
    place.order("rename =Old =Older", "Old is called Older now")
    place.order("subscribe-to =Trash", "Subscribed to Trash")
    place.order("delete =Family", "no messages.*yes/.no")
    place.screen.send("y")
    place.screen.wait_for("Family was deleted", LIMIT)
    place.end()
    place.start("New", "Older")
    place.taken_back()
    place.screen.wait_for("Mailbox Family is there", LIMIT)
    place.taken_back()
    place.screen.wait_for("Not subscribed to Trash", LIMIT)
    assert "Trash" not in subscribed(place.server)
    place.taken_back()
    place.screen.wait_for("Older is called Old now", LIMIT)
    place.taken_back()
    place.screen.wait_for("New was deleted", LIMIT)
    place.on_server(*BOXES, gone=["New", "Older"])
    assert place.messages("Old") == ["In 10", "In 11"]
    place.done_again()
    place.screen.wait_for("Mailbox New is there", LIMIT)
    place.done_again()
    place.screen.wait_for("Old is called Older now", LIMIT)
    place.on_server("New", "Older", "Older/2024", gone=["Old"])


def test_what_has_messages_stays_deleted(place):
    place.order("delete =Old", "with 2 messages.*yes/.no")
    place.screen.send("y")
    place.screen.wait_for("Old was deleted", LIMIT)
    place.taken_back()
    place.screen.wait_for("cannot be brought back with its messages", LIMIT)


def test_more_came_meanwhile(place):
    place.offline()
    place.order("delete =Family", "no messages.*yes/.no")
    place.screen.send("y")
    place.shows(gone=["Family"])
    put(place.server, "Family", 1, 40)
    place.online()
    place.screen.wait_for("there are 1 messages by now, not 0|Refused:1",
                          LIMIT)
    place.shows("Family")
    assert place.messages("Family") == ["In 40"]


def test_what_goes_there_goes_first(place):
    """No message is lost in a mailbox that is deleted."""
    place.offline()
    place.screen.send("=s\x15=Family\r")
    place.screen.wait_for(lambda _: place.waiting() == 1, LIMIT)
    place.order("delete =Family", "no messages.*yes/.no")
    place.screen.send("y")
    place.shows(gone=["Family"])
    place.online()
    place.shows("Family")
    assert place.messages("Family") == ["In 0"]


def test_somebody_else_was_faster(place):
    place.offline()
    place.order("create =New", "mailbox New created")
    place.screen.send("=s\x15=New\r")
    place.screen.wait_for(lambda _: place.waiting() == 2, LIMIT)
    with place.server.client() as imap:
        imap.check_ok(imap.create("New"))
    place.online()
    assert place.messages("New") == ["In 0"]


def test_dropped_with_what_needs_it(place):
    """The mailbox is not made, the message stays where it was."""
    place.offline()
    place.order("create =New", "mailbox New created")
    place.screen.send("=s\x15=New\r")
    place.screen.wait_for(lambda _: place.waiting() == 2, LIMIT)
    place.screen.wait_for(lambda s: "In 0" not in s.text(), LIMIT)
    place.order("journal", "2 waiting")
    place.screen.wait_for("mailbox New created", LIMIT)
    place.screen.send("\x1b[B")     # the older one
    place.screen.send("d")
    place.screen.wait_for("0 waiting", LIMIT)
    place.screen.send("q")
    place.screen.wait_for("In 0", LIMIT)
    place.shows(gone=["New"])
    place.online()
    place.on_server(gone=["New"])
    assert place.messages("INBOX") == ["In 0", "In 1", "In 2"]


def test_names_in_use(place):
    place.offline()
    place.order("rename =Old =Older", "mailbox Old renamed")
    place.order("create =Old", "cannot create mailbox Old: that name is in "
                "use until")
    place.order("create =Older", "cannot create mailbox Older: a mailbox of "
                "that name exists")
    place.order("rename =Older =Family", "cannot rename mailbox Older: a "
                "mailbox of that name exists")
    place.order("rename =Older =Oldest", "mailbox Older renamed to Oldest")
    place.shows("Oldest", gone=["Old", "Older"])
    # What has a name can take one that is left.
    place.order("rename =Family =Old", "mailbox Family renamed to Old")
    place.shows("Oldest", "Old", gone=["Family"])
    place.online()
    place.on_server("Oldest", "Oldest/2024", "Old", gone=["Family", "Older"])
    assert place.messages("Oldest") == ["In 10", "In 11"]
    assert place.messages("Old") == []


def test_what_is_on_its_way_out_is_not_counted(place):
    place.screen.send("c=Old\r")
    place.screen.wait_for("In 11", LIMIT)
    place.offline()
    place.screen.send("T\x15~A\r;s\x15=Trash\r")
    place.screen.wait_for(lambda _: place.waiting() == 2, LIMIT)
    place.order("delete =Old", "which has no messages.*yes/.no")
    place.screen.send("y")
    place.shows(gone=["Old"])
    place.online()
    place.on_server("Old/2024")
    assert place.messages("Trash") == ["In 10", "In 11", "In 30", "In 31"]
    place.taken_back()
    place.screen.wait_for("Mailbox Old is there", LIMIT)


def test_empty_without_a_server(place):
    place.screen.send("c=Trash\r")
    place.screen.wait_for("In 31", LIMIT)
    place.offline()
    place.order("empty-trash", "Remove all 2 messages.*yes/.no")
    place.screen.send("y")
    place.screen.wait_for(lambda s: "In 31" not in s.text(), LIMIT)
    assert place.messages("Trash") == ["In 30", "In 31"]
    place.online()
    assert place.messages("Trash") == []


def test_open_what_is_not_there_yet(place):
    place.offline()
    place.order("create =New", "mailbox New created")
    place.screen.send("c=New\r")
    place.screen.wait_for("smew: New", LIMIT)
    place.online()
    put(place.server, "New", 1, 50)
    place.screen.wait_for("In 50", LIMIT)


def test_the_open_one_renamed(place):
    place.screen.send("c=Old\r")
    place.screen.wait_for("In 11", LIMIT)
    place.offline()
    place.order("rename =Old =Older", "mailbox Old renamed")
    place.screen.wait_for("smew: Older", LIMIT)
    place.taken_back()
    place.screen.wait_for("smew: Old ", LIMIT)
    place.done_again()
    place.screen.wait_for("smew: Older", LIMIT)
    place.online()
    place.screen.wait_for("smew: Older", LIMIT)
    put(place.server, "Older", 1, 60)
    place.screen.wait_for("In 60", LIMIT)
