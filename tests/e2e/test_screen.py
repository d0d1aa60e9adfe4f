# SPDX-License-Identifier: GPL-3.0-or-later
"""The three panes, and the keys that move through them."""

import os
import re

import pytest


def test_first_screen(screen):
    text = screen.text()
    for folder in ("INBOX", "Archive", "Drafts", "Sent", "Junk", "Trash",
                   "Lists", "Projekte", "Brücke", "Наблюдения", "写真"):
        assert folder in text
    assert re.search(r"INBOX \[Msgs:60", text)
    assert len(screen.rows()) >= 20
    assert "q:Quit" in screen.lines()[0]


def test_enter_opens_j_goes_on_q_returns(screen, server):
    first = screen.current()
    screen.send("\r")
    screen.wait_for(r"^.*Subject: ")
    screen.wait_for(r"\(\d+%\)|\(all\)|\(end\)|-- \(")
    assert screen.current().subject == first.subject
    screen.send("k")
    screen.wait_for(lambda s: s.current() and
                    s.current().number == first.number - 1)
    second = screen.current()
    screen.wait_for(lambda s: "Subject: " in s.text())
    screen.send("q")
    screen.wait_for(lambda s: "Subject: " not in s.text())
    assert screen.current().subject == second.subject


def test_opening_marks_as_read_on_the_server(newest, server):
    server.deliver(b"From: Rita <rita@example.org>\nSubject: fresh\n"
                   b"Message-ID: <fresh@example.org>\n\nbody of fresh\n")
    newest.wait_for("fresh")
    newest.send("*")
    newest.wait_for(lambda s: s.row_of("fresh") and s.row_of("fresh").marked)
    newest.send("\r")
    newest.wait_for("body of fresh")
    with server.client() as imap:
        def seen(_):
            uid = imap.uids(query="SUBJECT fresh")[-1]
            return b"\\Seen" in imap.flags(uid)
        newest.wait_for(seen)


@pytest.mark.parametrize("keys, number", [
    ("=", 1), ("*", 60), ("=jjj", 4), ("*kk", 58), ("=jjk", 2),
    ("17\r", 17), ("=\x1b[B\x1b[B", 3)])
def test_moving(screen, keys, number):
    screen.send(keys)
    screen.wait_for(lambda s: s.current() and s.current().number == number)


def test_paging(screen):
    screen.send("=")
    screen.wait_for(lambda s: s.current() and s.current().number == 1)
    shown = screen.rows()[-1].number
    screen.send("z")
    screen.wait_for(lambda s: s.rows()[0].number >= shown)
    screen.send("Z")
    screen.wait_for(lambda s: s.rows()[0].number == 1)


def test_folder_pane(screen):
    screen.send("\x17")
    screen.settle()
    screen.send("j\r")
    screen.wait_for(r"-*Archive \[Msgs:\d+")
    screen.wait_index()


def test_sidebar_keys_without_focus(screen):
    screen.send("\x0e\x0f")
    screen.wait_for(r"-*Archive \[Msgs:\d+")
    screen.send("\x10\x0f")
    screen.wait_for(r"-*INBOX \[Msgs:60")


def test_change_folder_with_completion(screen):
    screen.send("c")
    screen.wait_for("Open mailbox")
    screen.send("\x15=Dra\t\r")
    screen.wait_for(r"-*Drafts \[Msgs:2")


def test_help_lists_the_keys(screen):
    screen.send("?")
    screen.wait_for("^Keys: ")
    screen.send(" ")
    screen.wait_for(r"next-(un)?(entry|deleted|undeleted)")
    screen.send("q")
    screen.wait_index()


def test_help_of_80_columns(client):
    """What is too long goes on below its beginning."""
    with client.start(columns=80, rows=24) as screen:
        screen.wait_index(10)
        screen.send("?")
        screen.wait_for(r"^\^T +untag-pattern +take the tags of messages that "
                        r"match a\n {38}pattern away")
        screen.send("q")
        screen.wait_index(10)


def test_help_of_a_text(screen):
    """? is not the way out, but for the help itself."""
    screen.send(":exec error-history\r")
    screen.wait_for("^Messages ")
    screen.send("?")
    screen.wait_for("^Keys: A text")
    screen.send("?")
    screen.wait_for("^Messages ")
    screen.send("q")
    screen.wait_index()


def test_browse_mailboxes(make_client, server):
    """As wide as a terminal is by default the pane is not there before."""
    screen = make_client(server.tunnel).start(columns=80, rows=24)
    screen.wait_index()
    assert "Archive" not in screen.text()
    screen.send("y")
    screen.wait_for("Archive")
    screen.wait_for(lambda s: "C:Create  r:Rename  d:Delete" in s.lines()[0])
    screen.send("q")
    screen.wait_for(lambda s: "d:Del " in s.lines()[0])
    screen.send("_")
    screen.wait_for("There is nothing to be undone")


def test_colon_completes(screen):
    screen.send(":set index_f\t")
    screen.wait_for(":set index_format")
    screen.send("\x07")
    screen.wait_gone(":set index_format")


def test_colon_history(screen):
    screen.send(":echo first word\r")
    screen.wait_for("^first word")
    screen.send(":\x1b[A")
    screen.wait_for(":echo first word")
    screen.send("\x07")


def test_option_at_once(screen):
    screen.send(":set index_format=\"%C|%s\"\r")
    screen.wait_for(r"\d+\|\w+")


def test_sort_by_key_keeps_the_message(screen):
    screen.send("20\r")
    screen.wait_for(lambda s: s.current() and s.current().number == 20)
    before = screen.current()
    for keys, order in (("of", "from"), ("Od", "reverse-date"),
                        ("ou", "unsorted"), ("ot", "threads")):
        screen.send(keys[0])
        screen.wait_for(r"\(d\)ate/\(f\)rm/\(r\)ecv/\(s\)ubj/t\(o\)")
        screen.send(keys[1])
        screen.wait_for(r"---\(%s/" % order)
        screen.wait_for(lambda s: s.current() and
                        s.current().who == before.who)
    screen.wait_for(lambda s: s.current() and s.current().number == 20)
    screen.send("ox")
    screen.wait_for("There is no such order")


@pytest.mark.parametrize("columns, rows", [(80, 24), (40, 12)])
def test_a_question_too_wide_for_one_line(client, columns, rows):
    """Its end, with the answers, is never cut off."""
    with client.start(columns=columns, rows=rows) as screen:
        screen.wait_index(5)
        screen.send("O")
        screen.wait_for(lambda s: s.lines()[-1].startswith("s(p)am/(l)abel?:"))
        asked = [line.rstrip() for line in screen.lines()]
        first = next(n for n, line in enumerate(asked)
                     if line.startswith("Rev-Sort "))
        assert "".join(asked[first:]).replace(" ", "") == (
            "Rev-Sort(d)ate/(f)rm/(r)ecv/(s)ubj/t(o)/(t)hread/(u)nsort/"
            "si(z)e/s(c)ore/s(p)am/(l)abel?:")
        screen.send("\x07")
        screen.wait_for(lambda s: s.lines()[-2].startswith("---smew:"))


def test_bind_and_macro(screen):
    screen.send(":bind index w first-entry\r")
    screen.send(":macro index W \"<first-entry><next-entry>\"\r")
    screen.settle()
    screen.send("*w")
    screen.wait_for(lambda s: s.current() and s.current().number == 1)
    screen.send("*W")
    screen.wait_for(lambda s: s.current() and s.current().number == 2)


def test_error_line_names_the_nearest(screen):
    screen.send(":set index_fromat=x\r")
    screen.wait_for("index_format")


def test_html_and_charsets_are_readable(newest, server):
    server.deliver(
        b"From: =?iso-2022-jp?B?GyRCOzNLXBsoQg==?= <y@example.org>\n"
        b"Subject: page\nMIME-Version: 1.0\n"
        b"Content-Type: text/html; charset=koi8-r\n\n"
        + "<p>Привет, <b>мир</b> &amp; все</p>".encode("koi8-r"))
    newest.wait_for("page")
    newest.send("*\r")
    newest.wait_for("Привет, мир & все")
    newest.wait_for("山本")


def test_no_escape_sequence_of_a_message_gets_through(newest, server):
    server.deliver(
        b"From: x@example.org\nSubject: =?utf-8?B?G10wO0hBQ0tFRAcbWzMxbXJl"
        b"ZA==?=\n\nbody \x1b]0;HACKED\x07 \x1b[31m\xe2\x80\xaeevil\n")
    newest.wait_for("HACKED")
    newest.send("*\r")
    newest.wait_for("evil")
    assert b"\x1b]0;HACKED" not in newest.raw
    assert "\u202e".encode() not in newest.raw


def test_attachments_are_named(newest, server):
    server.deliver(
        b"From: x@example.org\nSubject: with a file\nMIME-Version: 1.0\n"
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n"
        b"Content-Type: text/plain\n\nlook here\n--b\n"
        b"Content-Type: application/pdf\nContent-Disposition: attachment;"
        b" filename=\"plan.pdf\"\n\nxyz\n--b--\n")
    newest.wait_for("with a file")
    newest.send("*\r")
    newest.wait_for("look here")
    newest.wait_for("plan.pdf")


def test_quit_saves_nothing_outside(screen, client):
    screen.send("q")
    assert screen.wait_exit() == 0
    assert set(os.listdir(client.home)) <= {"smewrc", "cache", "state",
                                            "config"}
