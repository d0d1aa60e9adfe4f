# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done to messages: every action over every selection, tags, undo and
redo. Each test has a mailbox of its own on one server."""

import contextlib
import os
import re
import signal
import time

import pytest
from dovecot import Dovecot
from network import NetworkDovecot
from place import (CONFIG, LIMIT, NAMES, UNDONE, Place, current, mail, rows)
from proxy import Fault, Proxy
from sample import Sample


@pytest.fixture(scope="module")
def net():
    with NetworkDovecot() as server:
        for name in ("Archive", "Junk", "Trash", "Elsewhere"):
            server.deliver(mail("old", 0), name)
        yield server


@pytest.fixture
def place(net, make_client):
    return Place(net, make_client)


# ---- tags ----

def test_tags_are_drawn_and_counted(place):
    place.type("t", r"^\[Place\d+\|8\|0\|1\|")
    assert current(place.screen) == "a2"        # $resolve
    place.type("jt", r"\|2\|8\]")
    place.wait_marked("*", "a1 a3")
    place.type("kt", r"\|1\|8\]")               # off again
    place.wait_marked("*", "a1")


def test_tag_thread_and_subthread(place):
    place.type("\x1bt", "4 messages tagged", r"\|4\|8\]")
    place.wait_marked("*", "a1 a2 a3 a4")
    place.screen.wait_for(lambda s: current(s) == "b1")     # $resolve
    place.type("=\x1bt", "4 messages untagged", r"\|0\|8\]")
    place.go("a2")
    place.type(":exec tag-subthread\r")
    place.wait_marked("*", "a2 a3")


def test_tag_and_untag_by_a_pattern(place):
    place.type("T~s a|~s c\r", "5 messages tagged", r"\|5\|8\]")
    place.type("\x14~s 4\r", "1 message untagged", r"\|4\|8\]")
    place.wait_marked("*", "a1 a2 a3 c1")
    place.type("T~T!~s c\r", "3 messages tagged")
    place.type(";t", "4 messages untagged", r"\|0\|8\]")
    place.type(";", "No tagged messages")
    place.type("T~s zzz\r", "No messages matched")


def test_tags_outlast_limits_orders_and_news(place):
    place.type("T~s 1\r", "4 messages tagged")
    place.type("l~T\r")
    place.wait_rows("a1 b1 c1 d1")
    place.type("lall\r")
    place.screen.wait_for(lambda s: len(rows(s)) == 8)
    place.type(":set sort=reverse-subject\r")
    place.screen.wait_for("   8 N . a1", LIMIT)
    place.type("=")
    place.wait_rows("d1 c1 b2 b1 a4 a3 a2 a1")
    place.wait_marked("*", "a1 b1 c1 d1")
    place.net.deliver(mail("late", place.serial), place.folder)
    place.screen.wait_for(lambda s: len(rows(s)) == 9, LIMIT)
    place.wait_marked("*", "a1 b1 c1 d1")
    # One that vanishes takes its tag with it.
    with place.net.client() as imap:
        imap.remove(imap.uids(place.folder, "SUBJECT c1")[0], place.folder)
    place.screen.wait_for(r"\|3\|\d+\]", LIMIT)
    # Another mailbox has none, nor has this one when it is opened anew.
    place.type("c=Archive\r", r"^\[Archive.*\|0\|")
    place.type("c=%s\r" % place.folder, r"^\[Place.*\|0\|")


def test_the_prefix_means_what_the_limit_shows(place):
    place.type("T~A\r", "8 messages tagged")
    place.type("l~s b\r")
    place.wait_rows("b1 b2")
    place.type(";F", "Flags of 2 messages changed")
    place.type("lall\r")
    place.wait_server("b1 b2", "\\Flagged")


def test_auto_tag_and_the_conditional_prefix(place):
    place.type("t", r"\|1\|8\]")
    place.type("=:set auto_tag\r")
    place.type("jF", "Flags of 1 message changed")
    place.wait_server("a1", "\\Flagged")
    place.type(":set noauto_tag\r")
    place.type(":push <tag-prefix-cond><delete-message><end-cond>"
               "<flag-message>\r")
    place.wait_server("a1", "\\Deleted")
    # delete-message took the tag ($delete_untag): now it is skipped.
    place.screen.wait_for(r"\|0\|8\]")
    place.go("d1")
    place.type(":push <tag-prefix-cond><delete-message><end-cond>"
               "<flag-message>\r", "Nothing to do|.")
    place.wait_server("a1 a2 d1", "\\Flagged")
    place.wait_server("a1", "\\Deleted")


# ---- every action over every selection ----

# keys before it, the messages it is about (the cursor is on a2)
SELECTIONS = {
    "message": ("", "a2"),
    "tagged": ("T~s b|~s 4\r;", "a4 b1 b2"),
}
# keys, what is so then on the server: flag or mailbox
ACTIONS = {
    "delete": ("d", "\\Deleted"),
    "flag": ("F", "\\Flagged"),
    "read": ("N", "\\Seen"),
    "set-flag": ("wr", "\\Answered"),
    "save": ("s=Elsewhere\r", "Elsewhere"),
    "archive": ("E", "Archive"),
    "junk": ("X", "Junk"),
}


@pytest.mark.parametrize("selection", SELECTIONS)
@pytest.mark.parametrize("action", ACTIONS)
def test_action_undo_and_redo(place, action, selection):
    before, names = SELECTIONS[selection]
    keys, effect = ACTIONS[action]
    rest = " ".join(n for n in NAMES if n not in names.split())
    place.go("a2")
    place.type(before + keys)

    def check(done):
        if effect.startswith("\\"):
            place.wait_server(names if done else "", effect)
        else:
            place.wait_server(names if done else "", folder=effect)
            place.wait_server(rest if done else " ".join(NAMES))
            place.screen.wait_for(lambda s: s.find(r"\|%d\|" % (
                len(rest.split()) if done else 8)), LIMIT)

    check(True)
    place.type("_", UNDONE)
    check(False)
    place.type("\x1b_", "Redone: ")
    check(True)


def test_copy_and_undo(place):
    place.type("T~s b\r;C=Elsewhere\r",
               r"2 messages copied to Elsewhere\. Undo: _")
    place.wait_server("b1 b2", folder="Elsewhere")
    place.wait_server(" ".join(NAMES))
    place.type("_", "Undone: 2 messages copied to Elsewhere")
    place.wait_server("", folder="Elsewhere")


def test_threads(place):
    place.go("a1")
    place.type("\x04", r"4 messages marked as deleted\. Undo: _")
    place.wait_marked("D", "a1 a2 a3 a4")
    # Behind all of it.
    place.screen.wait_for(lambda s: current(s) == "b1", LIMIT)
    place.type(":set noresolve\r")
    place.go("a1")
    place.type("\x15", "4 messages undeleted")
    place.go("a2")
    place.type("\x1bd", "2 messages marked as deleted")
    place.wait_marked("D", "a2 a3")
    place.wait_server("a2 a3", "\\Deleted")
    place.go("a2")
    place.type("\x1bu", "2 messages undeleted")
    place.wait_server("", "\\Deleted")
    place.go("a2")
    place.type("\x1br", "2 messages marked as read")
    place.wait_server("a2 a3", "\\Seen")
    place.go("b2")
    place.type("\x12", "2 messages marked as read")
    place.wait_server("a2 a3 b1 b2", "\\Seen")
    place.type(":exec catchup\r")
    place.screen.wait_for("4 messages marked as read")
    place.wait_server(" ".join(NAMES), "\\Seen")
    place.type("_", "Undone: 4 messages marked as read")
    place.wait_server("a2 a3 b1 b2", "\\Seen")
    place.type(":set sort=date\r")
    place.wait_rows(" ".join(NAMES))
    place.screen.wait_for(lambda s: "└" not in s.text())
    place.type("\x04", "Threading is not enabled")


def test_patterns_and_the_purge(place):
    place.type("D~s a\r", "4 messages marked as deleted", r"^\[Place\d+\|8\|4")
    place.type("U~s 1\r", "1 message undeleted")
    place.wait_server("a2 a3 a4", "\\Deleted")
    # What was done counts before it is in the counts.
    place.type("D~s b\r$", r"Purge 5 deleted messages\?")
    place.type("y")
    place.wait_rows("a1 c1 d1")
    place.wait_server("a1 c1 d1")
    place.wait_server("a2 a3 a4 b1 b2", folder="Trash")
    place.type("_", UNDONE)
    place.wait_server(" ".join(NAMES))


def test_toggles_are_for_each_message(place):
    place.type("T~s b1|~s c\r;F")
    place.wait_server("b1 c1", "\\Flagged")
    place.type("\x14~A\rT~s c|~s d\r;F")
    place.wait_server("b1 d1", "\\Flagged")
    place.type("_", "Undone: flags of 2 messages changed")
    place.wait_server("b1 c1", "\\Flagged")


def test_where_the_cursor_goes(place):
    place.type("d")
    place.screen.wait_for(lambda s: current(s) == "a2")
    place.type("F")
    place.screen.wait_for(lambda s: current(s) == "a3")
    place.type("=u")            # the next one, deleted or not
    place.screen.wait_for(lambda s: current(s) == "a2")
    place.type("E", "1 message moved to Archive")
    place.screen.wait_for(lambda s: current(s) == "a3")
    place.type("C=Elsewhere\r", "1 message copied")
    place.screen.wait_for(lambda s: current(s) == "a3")
    place.type("*E")
    place.wait_rows("a1 a3 a4 b1 b2 c1")
    assert current(place.screen) == "c1"
    # What comes back is under the cursor.
    place.type("=E_", UNDONE)
    place.wait_rows("a1 a3 a4 b1 b2 c1")
    place.screen.wait_for(lambda s: current(s) == "a1", LIMIT)


def test_save_from_the_open_message_goes_on_reading(place):
    place.type("\r", "Text of a1")
    place.type("E", "Text of a2")
    # Reading marks as read; that is not what undo is about.
    place.type("_", "Undone: 1 message moved to Archive")
    place.wait_server("a1 a2", "\\Seen")


def test_the_open_message(place):
    place.type("\r", "Text of a1")
    place.type("d", "Text of a2")
    place.type("F", "Text of a3")
    place.wait_server("a1", "\\Deleted")
    place.wait_server("a2", "\\Flagged")
    place.type("t", "Text of a4")
    place.type("\x1bd", "Text of b1")
    place.type("\x04", "Text of c1")
    place.wait_server("a1 a4 b1 b2", "\\Deleted")
    place.type("k", "Text of a3")
    place.type("u", "Text of a4")
    place.type("u", "Text of b1")
    place.wait_server("a1 b1 b2", "\\Deleted")
    place.type("i;F", "Flags of 1 message changed")
    place.wait_server("a2 a3", "\\Flagged")
    # The last one that is read leaves nothing to be read.
    place.type("l~s d\r", "To view all")
    place.type("\r", "Text of d1")
    place.type("E", "No messages matched")
    place.wait_server("d1", folder="Archive")
    place.type("_", UNDONE)
    place.wait_server(" ".join(NAMES))


def test_delete_mode_trash(place):
    place.type(":set delete_mode=trash\r")
    place.type("T~s b\r;d", r"2 messages moved to Trash\. Undo: _")
    place.wait_server("b1 b2", folder="Trash")
    place.type(":set trash==Elsewhere\r=d", "1 message moved to Elsewhere")
    place.wait_server("a1", folder="Elsewhere")
    # In the trash itself it marks.
    place.type("c=Elsewhere\r", r"^\[Elsewhere")
    place.screen.wait_for(lambda s: any(r[1] == "a1" for r in rows(s)))
    place.type("D~s a1\r", "1 message marked as deleted")


def test_for_good(place):
    place.go("c1")
    place.type(":exec purge-message\r")
    place.type("y", r"1 message deleted for good")
    place.wait_rows("a1 a2 a3 a4 b1 b2 d1")
    place.wait_server("a1 a2 a3 a4 b1 b2 d1")
    place.wait_server("", folder="Trash")
    place.type("_", "what was deleted for good cannot be brought back")


def test_nothing_is_done_where_nothing_may_be(place):
    place.type("%", "not to be changed now")
    place.type("d", "read-only")
    place.type("T~A\r;E", "read-only")
    place.type("%", "can be changed again")
    place.type("s=%s\r" % place.folder, "there already")
    assert len(place.on_server()) == 8


def test_save_to_what_is_not_there(place):
    place.type("s=New%d\r" % place.serial, r"Create New\d+\?")
    place.type("n")
    place.type("T~s b\r;s=New%d\r" % place.serial, r"Create New\d+\?")
    place.type("y", r"2 messages moved to New\d+\. Undo: _")
    place.wait_server("b1 b2", folder="New%d" % place.serial)
    # The name that Tab completes, and the question of mutt's.
    place.type(":set confirmappend\rs=New%d\t" % place.serial,
               r"Save to mailbox: =New\d+")
    place.type("\r", r"Append messages to New\d+\?")
    place.type("n=s=New%d\ry" % place.serial, "1 message moved to New")
    place.wait_server("a1 b1 b2", folder="New%d" % place.serial)
    # What cannot be made is said; nothing is moved.
    place.type("s=%s\ry" % ("x" * 400),
               "(?i)too long|invalid|cannot|not allowed|there is no mailbox")
    place.wait_server("a2 a3 a4 c1 d1")


def test_archive_by_date(net, make_client):
    place = Place(net, make_client, config="set noconfirmcreate\n")
    place.type(":set archive_by=month\rE",
               "1 message moved to Archive. Undo: _")
    place.wait_server("a1", folder="Archive/2026-11")
    place.type("T~s b\r;E", "2 messages moved to Archive. Undo: _")
    place.wait_server("a1 b1 b2", folder="Archive/2026-11")
    net.deliver(mail("late", place.serial).replace(b"20 Nov 2026",
                                                   b"20 Nov 2024"),
                place.folder)
    place.screen.wait_for("late", LIMIT)
    place.type(":set archive_by=year confirmcreate\r")
    place.type("\x14~A\rT~s d|~s late\r;E")
    asked = place.screen.wait_for(r"Create Archive/20(24|26)\?", LIMIT)[1]
    place.type("y", "Create Archive/20%s" % {"24": "26", "26": "24"}[asked])
    place.type("y", "2 messages moved to Archive. Undo: _")
    place.wait_server("late", folder="Archive/2024")
    place.wait_server("d1", folder="Archive/2026")
    place.type("_", UNDONE)
    place.wait_server("a2 a3 a4 c1 d1 late")


def test_leaving_asks_about_the_deleted(place):
    place.type("dd")
    place.wait_marked("D", "a1 a2")
    place.type("q", r"Purge 2 deleted messages\?")
    place.type("\x07")
    place.wait_marked("D", "a1 a2")
    place.type("qy")
    assert place.screen.wait_exit(LIMIT) == 0
    place.wait_server("a3 a4 b1 b2 c1 d1")
    place.wait_server("a1 a2", folder="Trash")


def beside(place):
    """A mailbox where nothing is marked."""
    name = "Beside%d" % place.serial
    place.net.deliver(mail("old", 0), name)
    return name


def test_another_mailbox_asks_about_the_deleted(place):
    other = beside(place)
    place.type("ddc\x15=%s\r" % other, r"Purge 2 deleted messages\?")
    place.type("\x07")
    place.wait_marked("D", "a1 a2")
    place.screen.wait_for(r"^\[Place", LIMIT)
    place.type("c\x15=%s\r" % other, r"Purge 2 deleted messages\?")
    place.type("n", r"^\[Beside")
    place.type("c\x15=%s\r" % place.folder, r"^\[Place\d+\|8\|2\|")
    place.wait_server("a1 a2", "\\Deleted")
    place.type("c\x15=%s\r" % other, r"Purge 2 deleted messages\?")
    place.type("y", r"^\[Beside")
    place.wait_server("a3 a4 b1 b2 c1 d1")
    place.wait_server("a1 a2", folder="Trash")


def test_another_mailbox_as_delete_says(place):
    other = beside(place)
    place.type(":set delete=no\rdc\x15=%s\r" % other, r"^\[Beside")
    place.type("c\x15=%s\r" % place.folder, r"^\[Place\d+\|8\|1\|")
    place.type(":set delete=yes\rc\x15=%s\r" % other, r"^\[Beside")
    place.wait_server("a2 a3 a4 b1 b2 c1 d1")


def test_what_comes_back_is_not_above_the_screen(place):
    """A short list from its first row on: by an undo, with a key meanwhile."""
    place.type("d$", r"Purge 1 deleted message\?")
    place.type("y", r"^\[Place\d+\|7\|")
    place.wait_server("a1", folder="Trash")
    place.type("_j")
    place.wait_rows(" ".join(NAMES))


def test_exit_asks_nothing(place):
    place.type("dd")
    place.wait_marked("D", "a1 a2")
    place.type("x")
    assert place.screen.wait_exit(LIMIT) == 0
    place.wait_server(" ".join(NAMES))


@contextlib.contextmanager
def stopped(name):
    """The server's processes for these clients do nothing meanwhile."""
    pids = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            with open("/proc/%s/cmdline" % pid, "rb") as line:
                if name.encode() in line.read():
                    pids.append(int(pid))
    assert pids
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def test_many_are_shown_at_work_and_can_be_stopped(make_client):
    with Dovecot() as server:
        server.fill(Sample(size=80))
        client = make_client(server.tunnel, CONFIG)
        with server.client() as imap:
            before = imap.uids("Trash")
        screen = client.start()
        screen.wait_for(r"\|80\|0\|", LIMIT)
        screen.settle(1, 5)
        with stopped(server.config):
            screen.send("T~A\r")
            screen.wait_for(r"\|80\|\d+\|80\|", LIMIT)
            screen.send(";wr")
            screen.wait_for("Flags of .* messages changed", LIMIT)
            screen.send(";s=Trash\r")
            screen.wait_for("80 messages moved to Trash", LIMIT)
            screen.wait_for("There are no messages", LIMIT)
            screen.send("\x0c")        # away with the line
            screen.wait_for(r"Carrying out: \d+ of \d+ .*C stops", LIMIT)
            screen.send("\x03")
            screen.wait_for("Stopped: 80 messages stay", LIMIT)
            screen.wait_for(r"\|80\|0\|", LIMIT)
        with server.client() as imap:
            limit = time.monotonic() + LIMIT
            while len(imap.uids(query="ANSWERED")) < 80:
                assert time.monotonic() < limit
                time.sleep(0.1)
            assert imap.uids("Trash") == before
        assert len(rows(screen)) > 10


MANY = 10000
EVERY = sorted(b"Message-ID: <%d@many>\r\n\r\n" % i for i in range(MANY))
SLOW = 0.15         # seconds that the line is late, each way


def counts(net):
    """Messages of INBOX and of the trash; None: one is twice or nowhere, as
    long as they are on their way from one to the other."""
    found = []
    with net.client() as imap:
        for name in ("INBOX", "Trash"):
            imap.check_ok(imap.select(name, readonly=True))
            data = imap.uid("FETCH", "1:*", "BODY.PEEK[HEADER.FIELDS "
                            "(MESSAGE-ID)]")[1]
            found.append([item[1] for item in data if isinstance(item, tuple)
                          and b"@many" in item[1]])
    if sorted(found[0] + found[1]) != EVERY:
        return None
    return len(found[0]), len(found[1])


def test_stopped_half_way(make_client):
    """^C in the middle of 10,000: what is done stays, the rest never goes."""
    with NetworkDovecot(plaintext="only") as net, \
            Proxy(net.imap_port, plan=lambda _: Fault(delay=SLOW)) as proxy:
        net.deliver(mail("old", 0), "Trash")
        for i in range(MANY):
            net.deliver(b"Subject: m%d\r\nMessage-ID: <%d@many>\r\n\r\nx\r\n"
                        % (i, i), when=1600000000 + i)
        settings = net.settings("imap").replace(
            ":%d" % net.imap_port, ":%d" % proxy.port)
        client = make_client(config=settings + "set ssl_starttls = no\n"
                             "set ssl_force_tls = no\n" + CONFIG)
        screen = client.start()
        screen.wait_for(r"^\[INBOX\|%d\|0\|" % MANY, LIMIT)
        screen.wait_gone("Fetching", LIMIT)
        screen.send("T~A\r")
        screen.wait_for(r"\|%d\|\d+\]" % MANY, LIMIT)
        screen.send(";s=Trash\r")
        screen.wait_for("%d messages moved to Trash" % MANY, LIMIT)
        screen.wait_for(lambda s: b" MOVE " in proxy.heard(), LIMIT)
        screen.send("\x03")
        stays = int(screen.wait_for(r"Stopped: (\d+) messages stay",
                                    LIMIT)[1])
        screen.wait_for(r"^\[INBOX\|%d\|" % stays, LIMIT)
        assert 0 < stays < MANY
        limit = time.monotonic() + LIMIT
        while counts(net) != (stays, MANY - stays):
            assert time.monotonic() < limit, (stays, counts(net))
            time.sleep(0.2)
        # It is over: nothing waits, and the cache is what the server has.
        screen.send(":journal\r")
        screen.wait_for("Journal: 0 waiting, 0 refused", LIMIT)
        screen.send("q_")
        screen.wait_for(UNDONE + "%d messages moved" % MANY, LIMIT)
        screen.wait_for(r"^\[INBOX\|%d\|" % MANY, LIMIT)
        while counts(net) != (MANY, 0):
            assert time.monotonic() < limit, counts(net)
            time.sleep(0.2)


def test_undo_after_a_restart(place):
    place.type("T~s a\r;E", "4 messages moved to Archive")
    place.wait_server("a1 a2 a3 a4", folder="Archive")
    place.type("x")
    assert place.screen.wait_exit(LIMIT) == 0
    place.start(4)
    place.type("_", UNDONE)
    place.screen.wait_for(r"^\[Place\d+\|8\|", LIMIT)
    place.wait_server(" ".join(NAMES))
    # What one moves oneself is no news.
    assert "Undone: 4 messages moved to Archive" in place.screen.text()


# ---- labels ----

LABELS = 'set index_format = "%4C %Z %?y?[%y]? %s"\n'


def labelled(screen):
    """{name: labels} of the rows."""
    found = {}
    for line in screen.lines():
        match = re.match(r"^ *\d+ ... (?:\[(.*?)\])? .*?(\w+)\s*$", line)
        if match:
            found[match[2]] = match[1] or ""
    return found


def test_labels(net, make_client):
    place = Place(net, make_client, config=LABELS)
    place.type("Ywork urgent\r", "Labels of 1 message changed. Undo: _")
    place.screen.wait_for(lambda s: labelled(s)["a1"] == "work urgent", LIMIT)
    place.wait_server("a1", "work")
    place.wait_server("a1", "urgent")
    # What it has is there to be edited.
    place.type("=Y", r"Labels: work urgent")
    place.type("\x15later\r", "Labels of 1 message")
    place.wait_server("a1", "later")
    place.wait_server("", "work")
    place.type("_", UNDONE)
    place.wait_server("a1", "work")
    place.wait_server("", "later")
    place.screen.wait_for(lambda s: set(labelled(s)["a1"].split())
                          == {"work", "urgent"}, LIMIT)
    # Many at once, each as it needs it.
    place.type("T~s a\r:push <tag-prefix><modify-labels>\r", "Change labels")
    place.type("+work -urgent !team\r", "Labels of 4 messages changed")
    place.wait_server("a1 a2 a3 a4", "work")
    place.wait_server("a1 a2 a3 a4", "team")
    place.wait_server("", "urgent")
    place.type("_", UNDONE)
    place.wait_server("a1", "work")
    place.wait_server("a1", "urgent")
    place.wait_server("", "team")
    place.type("\x1b_", "Redone")
    place.wait_server("a1 a2 a3 a4", "work")
    place.type("l~y team\r")
    place.wait_rows("a1 a2 a3 a4")
    place.type("=Y\x15b(d\r", 'No label can be called "b')
    place.type("lall\r=Y\x15\r", "Labels of 1 message")
    place.wait_server("a2 a3 a4", "work")


def test_labels_others_set_and_labels_offline(net, make_client):
    place = Place(net, make_client, config=LABELS)
    with net.client() as imap:
        uid = imap.uids(place.folder, "SUBJECT c1")[0]
        imap.flag(uid, "+theirs", place.folder)
    place.screen.wait_for(lambda s: labelled(s)["c1"] == "theirs", LIMIT)
    net.stop()
    place.screen.wait_for("offline", LIMIT)
    place.go("c1")
    place.type("Y ours\r", "Labels of 1 message")
    place.screen.wait_for(lambda s: labelled(s)["c1"] == "theirs ours", LIMIT)
    place.type("_", UNDONE)
    place.screen.wait_for(lambda s: labelled(s)["c1"] == "theirs", LIMIT)
    place.type("Y ours\r", "Labels of 1 message")
    place.type("x")
    assert place.screen.wait_exit(LIMIT) == 0
    net.start()
    with net.client() as imap:
        imap.flag(uid, "+more", place.folder)
    place.start(8)
    place.wait_server("c1", "ours")
    place.wait_server("c1", "theirs")
    place.screen.wait_for(lambda s: set(labelled(s)["c1"].split()) ==
                          {"theirs", "more", "ours"}, LIMIT)

