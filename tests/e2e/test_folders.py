# SPDX-License-Identifier: GPL-3.0-or-later
"""Mailboxes made, renamed, deleted, subscribed to and emptied on Dovecot."""

import re
import sqlite3

import pytest
from dovecot import Dovecot
from sample import Sample

LIMIT = 40
LOST = "cannot open mailbox|%s is not on the server's list any more"


def names(server):
    return server.doveadm("mailbox", "list").decode().split("\n")[:-1]


def subscribed(server):
    return server.doveadm("mailbox", "list", "-s").decode().split("\n")[:-1]


def command(screen, line, answer):
    screen.send(":%s\r" % line)
    screen.wait_for(answer, LIMIT)


def put(server, mailbox, count, first=0):
    """Messages in a mailbox that the server itself has made."""
    with server.client() as imap:
        for i in range(first, first + count):
            imap.check_ok(imap.append(
                '"%s"' % mailbox, None, None,
                b"Subject: In %d\r\nMessage-ID: <in%d@example.org>\r\n"
                b"From: Ann <ann@example.org>\r\n\r\nhello\r\n" % (i, i)))


def cached(client, name):
    """Ids of the messages that the cache has of a mailbox."""
    db = sqlite3.connect("file:%s?mode=ro" % client.cache(), uri=True,
                         timeout=10)
    try:
        return [row[0] for row in db.execute(
            "SELECT msg.id FROM msg JOIN mbox ON mbox.id = msg.mbox"
            " WHERE mbox.name = ? ORDER BY msg.id", (name,))]
    finally:
        db.close()


def pane(screen):
    return [line.split("│")[0].rstrip() for line in screen.lines()
            if "│" in line]


def lines(screen):
    """Names in the folder pane, without marks and counts."""
    return [re.sub(r" {2,}[\d! ]+$", "", line.strip(" ▾▸"))
            for line in pane(screen) if line.strip()]


def to_pane(screen, name):
    """Opens a mailbox; the focus is on its line of the folder pane then."""
    screen.send("c=%s\r" % name)
    screen.wait_for("smew: %s" % name, LIMIT)
    screen.send("\x17")
    screen.wait_for("q:Back")


def test_create_of_any_name(server, screen):
    command(screen, "create =Wörk/2026/Entwürfe", "2026/Entwürfe is there")
    command(screen, "create '=A & B'", "A & B is there")
    command(screen, "create =emoji-💊/", "emoji-💊 is there")
    listed = names(server)
    assert {"Wörk/2026/Entwürfe", "A & B", "emoji-💊"} <= set(listed)
    screen.wait_for(lambda s: any("Entwürfe" in line for line in pane(s)))
    # Refused by smew, by the server: each with its words.
    command(screen, "create =a//b", "a level of the name is empty")
    command(screen, "create =inbox", "there is only one INBOX")
    command(screen, "create =Junk", "cannot create mailbox Junk: .*exists")
    command(screen, "create '=a*'", "cannot stand in a name")
    assert set(names(server)) == set(listed)


def test_rename_with_what_is_below(server, client, screen):
    command(screen, "create =Team/One", "One is there")
    put(server, "Team/One", 3)
    screen.send("c=Team/One\r")
    screen.wait_for("In 2", LIMIT)
    screen.wait_for(lambda s: len(cached(client, "Team/One")) == 3, LIMIT)
    before = cached(client, "Team/One")
    screen.send("j")
    screen.wait_for(lambda s: s.current() and "In 1" in s.current().subject)
    command(screen, "rename =Team =Crew", "Mailbox Team is called Crew now")
    screen.wait_for("smew: Crew/One", LIMIT)
    # Rows, their ids and the cursor stay.
    assert "In 1" in screen.current().subject
    assert cached(client, "Crew/One") == before
    assert cached(client, "Team/One") == []
    assert "Crew/One" in names(server) and "Team/One" not in names(server)
    # It is kept up to date by its new name.
    put(server, "Crew/One", 4, 3)
    screen.wait_for("Msgs:7", LIMIT)
    screen.send("F")
    screen.wait_for("Flag:1")
    screen.wait_for(lambda s: b"\\Flagged" in server.doveadm(
        "fetch", "flags", "mailbox", "Crew/One", "all"), LIMIT)


def test_delete_names_the_number(server, screen):
    command(screen, "create =Old", "Old is there")
    put(server, "Old", 2)
    to_pane(screen, "Old")
    screen.wait_for("In 1", LIMIT)
    screen.send("d")
    screen.wait_for(r"Delete =Old with 2 messages\?", LIMIT)
    screen.send("\r")
    screen.wait_gone("Delete =Old")
    screen.send("d")
    screen.wait_for(r"Delete =Old with 2 messages\?", LIMIT)
    assert "Old" in names(server)
    screen.send("y")
    screen.wait_for("Mailbox Old was deleted", LIMIT)
    screen.wait_for("smew: INBOX", LIMIT)
    screen.wait_for(lambda s: "Old" not in lines(s))
    assert "Old" not in names(server)
    command(screen, "delete =INBOX", "INBOX cannot be deleted")
    command(screen, "delete =Nothing", "there is no mailbox Nothing")


def test_what_waits_is_done_before_its_mailbox_goes(server, screen):
    command(screen, "create =Old", "Old is there")
    put(server, "Old", 3)
    screen.send("c=Old\r")
    screen.wait_for("In 2", LIMIT)
    for i in range(3):
        screen.send("s=Archive\r")
        screen.wait_for(lambda s: len(s.rows()) == 2 - i, LIMIT)
    screen.send(":delete =Old\r")
    screen.wait_for(r"Delete =Old", LIMIT)
    screen.send("y")
    screen.wait_for("Mailbox Old was deleted", LIMIT)
    subjects = server.doveadm("fetch", "hdr.subject", "mailbox", "Archive",
                              "all").decode()
    assert all("In %d" % i in subjects for i in range(3))


def test_rename_of_inbox_is_refused(server, screen):
    command(screen, "rename =INBOX =Elsewhere",
            "cannot rename mailbox INBOX: INBOX stays")
    command(screen, "rename =Archive =Archive/Below",
            "cannot be moved below itself")
    assert "Elsewhere" not in names(server)


def test_subscriptions_follow(server, screen):
    command(screen, "create =Sub/One", "One is there")
    screen.wait_for(lambda s: "One" in lines(s))
    command(screen, "subscribe-to =Sub/One", "Subscribed to Sub/One")
    assert "Sub/One" in subscribed(server)
    command(screen, "rename =Sub =Club", "Mailbox Sub is called Club now")
    screen.wait_for(lambda s: "Club/One" in subscribed(server), LIMIT)
    screen.wait_for(lambda s: "Sub/One" not in subscribed(server), LIMIT)
    # T shows those alone that are subscribed to.
    command(screen, "unsubscribe-from =Junk", "Not subscribed to Junk")
    to_pane(screen, "INBOX")
    screen.send("T")
    screen.wait_for(lambda s: not any("Junk" in line for line in pane(s)),
                    LIMIT)
    assert any("One" in line for line in pane(screen))
    screen.send("T")
    screen.wait_for(lambda s: any("Junk" in line for line in pane(s)))
    command(screen, "delete =Club/One", r"Delete =Club/One, which has no")
    screen.send("y")
    screen.wait_for(lambda s: "Club/One" not in subscribed(server), LIMIT)


def test_empty_trash(server, screen):
    count = len(server.doveadm("fetch", "uid", "mailbox", "Trash",
                               "all").split(b"\n\f")) or 1
    screen.send(":empty-trash\r")
    found = screen.wait_for(r"Remove all (\d+) messages of =Trash for good\?",
                            LIMIT)
    assert found
    screen.send("n")
    screen.wait_gone("Remove all")
    put(server, "Trash", 2)
    # The number is asked for anew, not taken from the list.
    screen.send(":empty-trash\r")
    line = screen.wait_for(r"Remove all \d+ messages of =Trash", LIMIT)
    number = int(re.search(r"all (\d+)", screen.lines()[-1])[1])
    assert number == count + 2 or number > 2, line
    junk = server.doveadm("fetch", "uid", "mailbox", "Junk", "all")
    screen.send("y")
    screen.wait_for(r"%d messages of Trash are gone" % number, LIMIT)
    assert server.doveadm("fetch", "uid", "mailbox", "Trash", "all") == b""
    assert server.doveadm("fetch", "uid", "mailbox", "Junk", "all") == junk
    command(screen, "empty-trash", "There are no messages in =Trash")
    command(screen, "empty-trash =Archive", "only the trash and junk")
    assert screen.wait_for("smew: INBOX")


def test_empty_the_open_trash_on_one_connection(server, make_client):
    client = make_client(server.tunnel, "set imap_connections = 1\n")
    with client.start() as screen:
        screen.wait_index(20)
        screen.wait_for(lambda s: "Trash" in lines(s), LIMIT)
        screen.send("c=Trash\r")
        screen.wait_for(r"smew: Trash \[Msgs:[1-9]", LIMIT)
        screen.send(":empty-trash\r")
        screen.wait_for(r"Remove all \d+ messages of =Trash", LIMIT)
        screen.send("y")
        screen.wait_for(r"\d messages of Trash are gone", LIMIT)
        screen.wait_for("There are no messages", LIMIT)
    assert server.doveadm("fetch", "uid", "mailbox", "Trash", "all") == b""


def test_open_mailbox_deleted_by_another(server, screen):
    command(screen, "create =Gone", "Gone is there")
    put(server, "Gone", 2)
    screen.send("c=Gone\r")
    screen.wait_for("In 1", LIMIT)
    server.doveadm("mailbox", "delete", "Gone")
    screen.wait_for(LOST % "Gone", LIMIT)
    screen.send("c=INBOX\r")
    screen.wait_for("smew: INBOX", LIMIT)
    screen.wait_index(20)
    screen.wait_for(lambda s: not any("Gone" in line for line in pane(s)),
                    LIMIT)


def test_open_mailbox_renamed_by_another(server, screen):
    command(screen, "create =Here", "Here is there")
    put(server, "Here", 2)
    screen.send("c=Here\r")
    screen.wait_for("In 1", LIMIT)
    server.doveadm("mailbox", "rename", "Here", "There")
    screen.send(":exec check-new\r")
    screen.wait_for(LOST % "Here", LIMIT)
    screen.wait_for(lambda s: len(s.rows()) == 2)
    screen.send("c=There\r")
    screen.wait_for("smew: There", LIMIT)
    screen.wait_for("In 1", LIMIT)
    screen.wait_for(lambda s: "There" in lines(s) and "Here" not in lines(s),
                    LIMIT)


def test_a_mailbox_by_some_letters(screen):
    screen.send('"')
    screen.wait_for("> =INBOX")
    screen.send("ldv")
    screen.wait_for(r"> =Lists/numerics-devel\s*\n *\S*Open mailbox.*ldv")
    screen.send("\x15arch")
    screen.wait_for("> =Archive *$")
    screen.send("\x1b[A")
    screen.wait_for("> =Archive/2024")
    screen.send("\r")
    screen.wait_for("smew: Archive/2024", LIMIT)
    # Nothing is found: Enter stays, ^G leaves.
    screen.send('"qqq\r')
    screen.wait_for("Open mailbox.*qqq")
    screen.send("\x07")
    screen.wait_gone("Open mailbox")
    assert screen.wait_for("smew: Archive/2024")


def test_a_mailbox_of_any_account(server, make_client):
    account = ('account %%s {\nset tunnel = "%s"\n}\n'
               % server.tunnel.replace('"', '\\"'))
    client = make_client(config=account % "home" + account % "work")
    with client.start() as screen:
        screen.wait_for("Family", LIMIT)
        screen.wait_for(lambda s: s.text().count("Family") == 2, LIMIT)
        screen.send('"wofam')
        screen.wait_for("> work:Family")
        screen.send("\r")
        screen.wait_for("smew: Family", LIMIT)
        screen.send(":create work:Own\r")
        screen.wait_for("Own is there", LIMIT)
        screen.wait_for(lambda s: "Own" in lines(s)[lines(s).index("work"):],
                        LIMIT)
        screen.send(":delete =Own\r")
        screen.wait_for("Delete work:Own, which has no", LIMIT)


def test_orders_and_pins_of_the_pane(server, screen):
    screen.wait_for(lambda s: "写真" in lines(s))
    before = lines(screen)
    assert before[:5] == ["INBOX", "Archive", "2024", "2025", "Drafts"]
    # The new and the flagged ones are counted.
    assert re.search(r"INBOX +4! +11 *│", screen.text())
    screen.send(":sidebar_pin =Sent =Lists\r")
    screen.wait_for(lambda s: lines(s)[:5] == ["INBOX", "Sent", "Lists",
                                               "allotment", "numerics-devel"])
    screen.send(":sidebar_unpin *\r")
    screen.wait_for(lambda s: lines(s) == before)
    screen.send("\x17o")
    screen.wait_for("Sort \\(a\\)")
    screen.send("u")
    screen.wait_for(lambda s: lines(s)[:4] == ["INBOX", "Junk", "Lists",
                                               "numerics-devel"])
    screen.send(":set sidebar_sort_method=reverse-alpha\r")
    screen.wait_for(lambda s: lines(s)[-1] == "INBOX")
    screen.send(":set sidebar_sort_method=alpha sidebar_new_mail_only\r")
    screen.wait_for(lambda s: "Drafts" not in lines(s))
    assert "Lists/allotment" in lines(screen)
    # What comes is seen at once.
    put(server, "Drafts", 1)
    screen.wait_for(lambda s: "Drafts" in lines(s), LIMIT)


def test_questions_fit_narrow_screens(server, client):
    name = "Sehr/" + "/".join("%d-lang" % i for i in range(12))
    with client.start(columns=80, rows=24) as screen:
        screen.wait_index(10)
        screen.send(":set sidebar_visible=yes\r")
        command(screen, "create =%s" % name, "^Mailbox Sehr/0-lang/")
        screen.send(":delete =Fam\t")
        screen.wait_for(":delete =Family")
        screen.send("\x15delete =%s\r" % name)
        screen.wait_for(r"Delete ….*11-lang, which has no messages\? "
                        r"\(yes/\[no\]\):", LIMIT)
        screen.send("n")
        # What a fold hides is counted where it is folded.
        screen.wait_for(r"numerics-devel +6 *│")
        to_pane(screen, "Lists")
        screen.send(" ")
        screen.wait_for(r"▸Lists +9 *│")


class Below(Dovecot):
    """All names but INBOX stand below it."""

    def _write_config(self):
        super()._write_config()
        with open(self.config, encoding="utf-8") as old:
            text = old.read()
        text = text.replace("separator = /",
                            "separator = .\n  prefix = INBOX.")
        with open(self.config, "w", encoding="utf-8") as out:
            out.write(text)


@pytest.fixture
def below(make_client):
    with Below() as server:
        server.fill(Sample(size=30))
        screen = make_client(server.tunnel).start()
        screen.wait_index(10)
        yield server, screen


def test_names_go_below_the_prefix(below):
    """Row 30 of the traps: the prefix that NAMESPACE tells."""
    server, screen = below
    screen.wait_for("Junk")
    command(screen, "create =Work/2026", r"INBOX\.Work\.2026 is there")
    command(screen, "create =INBOX.Other", r"INBOX\.Other is there")
    command(screen, "rename =INBOX.Work =Labour",
            r"INBOX\.Work is called INBOX\.Labour now")
    assert {"INBOX.Labour.2026", "INBOX.Other"} <= set(names(server))
    assert "INBOX.Work.2026" not in names(server)
