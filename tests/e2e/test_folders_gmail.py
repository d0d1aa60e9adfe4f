# SPDX-License-Identifier: GPL-3.0-or-later
"""Gmail, where mailboxes are labels and removing is archiving: row 70 of the
list of traps."""

import pytest
from far import Far

CAPS = "IDLE MOVE UIDPLUS UNSELECT SPECIAL-USE X-GM-EXT-1"
LIST = r"""
when LIST *
S: * LIST (\HasNoChildren) "/" INBOX
S: * LIST (\HasChildren \Noselect) "/" "[Gmail]"
S: * LIST (\All \HasNoChildren) "/" "[Gmail]/All Mail"
S: * LIST (\Junk \HasNoChildren) "/" "[Gmail]/Spam"
S: * LIST (\HasNoChildren) "/" Work
%sS: $tag OK done
end
when UID MOVE *
S: * OK [COPYUID 9 11:14 101:104] moved
S: * 1 EXPUNGE
S: $tag OK done
end
when UID STORE *
S: $tag OK done
end
"""
BIN = 'S: * LIST (\\Trash \\HasNoChildren) "/" "[Gmail]/Bin"\n'


def gmail(play, bin_listed=True, quirks="", **keywords):
    one = play(LIST % (BIN if bin_listed else "") + quirks, capabilities=CAPS,
               **keywords)
    one.start()
    one.idles()
    one.wait("Spam")
    one.screen.send("=")
    one.wait(lambda s: s.current() and s.current().number == 1)
    return one


@pytest.mark.parametrize("keys", ["d", "wD"])
def test_trap_70_delete_goes_to_the_trash(play, keys):
    one = gmail(play)
    one.screen.send(keys)
    one.said(r'^UID MOVE 11 "\[Gmail\]/Bin"$')
    one.shows(12, 13, 14)
    one.alive()
    assert not one.script.said(r"Deleted|EXPUNGE")


def test_trap_70_archive_takes_the_label_of_inbox(play):
    one = gmail(play)
    one.screen.send("E")
    one.said(r'^UID MOVE 11 "\[Gmail\]/All Mail"$')
    one.shows(12, 13, 14)
    # Elsewhere there is nothing to be done.
    one.screen.send("c=Work\r")
    one.wait("smew: Work")
    one.screen.send("E")
    one.wait("this mail is in the archive already")
    assert len(one.script.said("^UID MOVE")) == 1


def test_trap_70_threads_are_not_linked(play):
    """What is removed stays in All Mail: there would be two of it."""
    one = gmail(play)
    one.screen.send("tj&")
    one.wait("this server would keep the message as it was, too")
    one.shows(11, 12, 13, 14)
    assert not one.script.said("APPEND|Deleted|EXPUNGE")


def test_trap_70_without_a_trash_nothing_is_deleted(play):
    """Gmail can hide it from IMAP: to mark would be to archive."""
    one = gmail(play, bin_listed=False)
    one.screen.send("d")
    one.wait("here that would only archive it")
    one.shows(11, 12, 13, 14)
    one.wait(lambda s: not any("D" in row.flags for row in s.rows()))
    one.screen.send(":exec purge-message\r")
    one.wait("for good")
    one.screen.send("y")
    one.wait("here that would only archive it")
    assert not one.script.said(r"Deleted|EXPUNGE|UID MOVE")


def test_trap_70_known_before_the_server_is_reached(play):
    """What is deleted offline is moved too."""
    one = gmail(play, quirks="", has="11 12 13 14")
    one.quit()
    with open(one.script.path, encoding="utf-8") as old:
        text = old.read()
    with open(one.script.path, "w", encoding="utf-8") as new:
        new.write("S: * BYE later\n====\nS: * BYE later\n====\n" + text)
    one.start()
    one.wait("later")
    one.shows(11, 12, 13, 14)
    one.screen.send("=d")
    one.shows(12, 13, 14)
    assert not any("D" in row.flags for row in one.screen.rows())


def test_trap_70_what_goes_to_another_account_goes_to_the_trash_here(play):
    """Its copy goes there first."""
    with Far() as far:
        far.server.deliver(b"Subject: old\r\n\r\nx\r\n", "Saved")
        one = gmail(play, config=far.block())
        one.screen.send("C")
        one.wait(lambda s: s.find("work:Saved")
                 or s.send("\x15work:Sav\t"))
        one.screen.send("\x07s\x15work:Saved\r")
        one.shows(12, 13, 14)
        one.said(r'^UID MOVE 11 "\[Gmail\]/Bin"$')
        with far.server.client() as imap:
            assert imap.select("Saved", readonly=True) == ("OK", [b"2"])
        one.alive()
    assert not one.script.said(r"Deleted|EXPUNGE")


def test_other_servers_keep_the_mark(play):
    one = play(LIST % BIN, capabilities=CAPS.replace(" X-GM-EXT-1", ""))
    one.start()
    one.idles()
    one.wait("Spam")
    one.screen.send("=d")
    one.said(r"UID STORE 11 \+FLAGS.SILENT \(\\Deleted\)")
    assert not one.script.said("MOVE")
