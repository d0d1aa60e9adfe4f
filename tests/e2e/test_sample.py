# SPDX-License-Identifier: GPL-3.0-or-later
"""The sample mailbox and the server that the other tests stand on."""

import email
import email.policy
import itertools
import os

from dovecot import Dovecot
from sample import FOLDERS, Sample
from screen import Screen


def parsed(mail):
    return email.message_from_bytes(mail.data, policy=email.policy.default)


def test_same_seed_same_mails():
    assert list(Sample().mails()) == list(Sample().mails())
    assert list(Sample(seed=2).mails()) != list(Sample().mails())
    first = list(itertools.islice(Sample().arrivals(), 20))
    assert first == list(itertools.islice(Sample().arrivals(), 20))


def test_size_is_that_of_inbox():
    for size in (1, 50, 320, 3000):
        mails = Sample(size=size).mails()
        assert sum(mail.folder == "INBOX" for mail in mails) == size


def test_what_is_in_it():
    inbox = [parsed(m) for m in Sample().mails() if m.folder == "INBOX"]
    charsets = {part.get_content_charset() for mail in inbox
                for part in mail.walk() if part.get_content_charset()}
    kinds = {part.get_content_type() for mail in inbox
             for part in mail.walk()}
    ids = [mail["Message-ID"] for mail in inbox]
    answers = [mail for mail in inbox if mail["In-Reply-To"] in ids]
    assert {"iso-2022-jp", "koi8-r", "gb18030", "utf-8", "windows-1252",
            "us-ascii"} <= charsets
    assert {"multipart/mixed", "multipart/alternative",
            "application/pdf"} <= kinds
    assert any(mail.get_content_type() == "text/html" for mail in inbox)
    assert any(mail["List-Id"] for mail in inbox)
    assert len(answers) > 30
    assert len(set(ids)) == len(ids)
    for mail in inbox:
        for part in mail.walk():
            if part.get_content_type() == "text/plain":
                assert "\ufffd" not in part.get_content()


def test_no_mail_is_newer_than_now():
    assert all(mail.when <= 1_700_000_000 for mail in Sample().mails())


def test_the_server_sees_what_was_written():
    with Dovecot() as server:
        root = server.root
        count = server.fill(Sample(size=40))
        with server.client() as imap:
            total = 0
            for name, _, _ in FOLDERS:
                coded = name.encode("utf-7").replace(b"+", b"&").decode()
                kind, data = imap.select('"%s"' % coded, readonly=True)
                assert kind == "OK", (name, data)
                total += int(data[0])
            assert total == count
            server.deliver(b"Subject: one more\n\nhello\n")
            uids = imap.uids()
            assert len(uids) == 41
            imap.flag(uids[0], "+\\Flagged")
            imap.remove(uids[1])
            assert b"\\Flagged" in imap.flags(uids[0])
            assert len(imap.uids()) == 40
        assert b"Drafts" in server.doveadm("mailbox", "list")
    assert not os.path.exists(root)


def test_screen_reads_a_program():
    script = "stty size; printf '\\033[7mdark\\033[m 山x\\n'; read x; exit 3"
    with Screen(["/bin/sh", "-c", script], 30, 5) as screen:
        screen.wait_for("5 30\n(.*\n)*dark 山x")
        row, column = screen.find("dark")
        assert screen.style(row, column).reverse
        assert not screen.style(row, column + 4).reverse
        assert screen.lines()[row] == "dark 山x"
        screen.send("\n")
        assert screen.wait_exit() == 3


def test_screen_knows_rep():
    with Screen(["/bin/sh", "-c", "printf 'ab\\033[3bc\\n'"], 30, 5) as screen:
        screen.wait_for("^abbbbc")
