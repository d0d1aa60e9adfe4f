# SPDX-License-Identifier: GPL-3.0-or-later
"""What other clients and senders do appears without a key."""

import time

MAIL = (b"From: Rita Novak <rita@example.org>\nSubject: %s\n"
        b"Message-ID: <%s@example.org>\n\nhello\n")


def promptly(screen, what):
    """Two seconds are the promise; a busy machine gets more, but a poll
    (a minute) would be noticed."""
    start = time.monotonic()
    screen.wait_for(what, 15)
    return time.monotonic() - start


def go_to_the_end(screen):
    screen.send("*")
    screen.wait_for(lambda s: s.current() and s.current().number == 60)


def test_new_message(newest, server):
    go_to_the_end(newest)
    server.deliver(MAIL % (b"knock knock", b"k1"))
    promptly(newest, "knock knock")
    newest.wait_for(r"Msgs:61")


def test_new_message_in_the_open_folder_only_once(newest, server):
    go_to_the_end(newest)
    for i in range(5):
        server.deliver(MAIL % (b"burst %d" % i, b"b%d" % i))
    promptly(newest, r"Msgs:65")
    newest.settle()
    for i in range(5):
        assert newest.text().count("burst %d" % i) == 1


def test_other_clients_flag(newest, server):
    before = newest.current()
    server.deliver(MAIL % (b"flag me", b"f1"))
    newest.wait_for("flag me")
    with server.client() as imap:
        uid = imap.uids(query="SUBJECT \"flag me\"")[0]
        imap.flag(uid, "+\\Flagged")
        promptly(newest, lambda s: "!" in s.row_of("flag me").flags)
        imap.flag(uid, "-\\Flagged")
        promptly(newest, lambda s: "!" not in s.row_of("flag me").flags)
    assert before.subject in newest.text()


def test_cursor_stays_on_its_message_and_line(screen, server):
    screen.send("=jjjjj")
    screen.wait_for(lambda s: s.current() and s.current().number == 6)
    screen.settle()
    at = screen.current()
    above = [row for row in screen.rows() if row.number < 6]
    with server.client() as imap:
        uids = imap.uids()
        names = {}
        for uid in uids:
            answer = imap.uid("FETCH", str(uid), "(ENVELOPE)")[1][0]
            names[uid] = answer
        victim = [uid for uid in uids
                  if above[1].subject.split("Re: ")[-1][:20].encode()
                  in (names[uid] or b"")]
        before = len(uids)
        if victim:
            imap.remove(victim[0])
            promptly(screen, r"Msgs:%d" % (before - 1))
        server.deliver(MAIL % (b"at the end", b"e1"))
        screen.wait_for(r"Msgs:%d" % (before + (0 if victim else 1)))
    screen.settle()
    now = screen.current()
    assert (now.y, now.subject) == (at.y, at.subject)


def test_expunge_of_the_current_message(screen, server):
    screen.send("*k")
    screen.wait_for(lambda s: s.current() and s.current().number == 59)
    screen.settle()
    line = screen.current().y
    following = [r for r in screen.rows() if r.number == 60][0]
    server_uid = None
    with server.client() as imap:
        screen.send("\r")
        screen.wait_for("Subject: ")
        screen.send("h")
        match = screen.wait_for(r"Message-ID: <([^>]+)>")
        ident = match.group(1)
        screen.send("q")
        screen.wait_gone("Message-ID:")
        screen.settle()
        uids = imap.uids(query='HEADER Message-ID "%s"' % ident)
        server_uid = uids[0]
        imap.remove(server_uid)
        promptly(screen, r"Msgs:59")
    screen.settle()
    now = screen.current()
    assert (now.y, now.subject) == (line, following.subject)


def test_read_elsewhere_is_read_here(newest, server):
    go_to_the_end(newest)
    server.deliver(MAIL % (b"unread yet", b"u1"))
    row = lambda s: s.row_of("unread yet")
    newest.wait_for(lambda s: row(s) and "N" in row(s).flags)
    with server.client() as imap:
        uid = imap.uids(query="SUBJECT \"unread yet\"")[0]
        imap.flag(uid, "+\\Seen")
    promptly(newest, lambda s: row(s) and "N" not in row(s).flags
             and "O" not in row(s).flags)
