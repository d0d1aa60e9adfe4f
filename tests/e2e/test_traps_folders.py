# SPDX-License-Identifier: GPL-3.0-or-later
"""LIST, NAMESPACE and names as real servers have them: rows 14, 28 to 39, 60
and 91 of the list of traps. The number in a name is the row's."""

import os

import pytest

LISTED = "when LIST *\n%s\nS: $tag OK done\nend\n"
EXTENDED = "IDLE LIST-EXTENDED SPECIAL-USE LIST-STATUS"


def with_list(play, lines, quirks="", **keywords):
    """smew where LIST says these lines."""
    keywords.setdefault("capabilities", "IDLE")
    said = "\n".join("S: * " + line for line in lines)
    one = play(LISTED % said + quirks, **keywords)
    one.start()
    one.idles()
    return one


def folders(one):
    """The lines of the folder pane."""
    left = [line.split("│")[0].strip(" \u25be\u25b8")
            for line in one.screen.lines() if "│" in line]
    return [line for line in left if line]


def shown(one, name):
    one.wait(lambda s: name in [line.split("  ")[0] for line in folders(one)])


def open_folder(one, name):
    one.screen.send("c")
    one.wait("[Oo]pen mailbox|[Mm]ailbox")
    one.screen.send("\x15" + name + "\r")


def names(one):
    return {row[0] for row in one.cache(
        "SELECT name FROM mbox WHERE listed <> 0")}


def test_trap_28_nil_as_a_name(play):
    one = with_list(play, ['LIST () "/" NIL', 'LIST () "/" "nil 2"'])
    shown(one, "NIL")
    assert names(one) == {"INBOX", "NIL", "nil 2"}
    one.said('STATUS "NIL"')


def test_trap_29_nil_delimiter(play):
    """Names are flat then; what the cache has of them stays."""
    one = play(r"""
when LIST *
S: * LIST () NIL INBOX
S: * LIST () NIL "a/b.c"
S: * LIST () "" "Other"
S: $tag OK done
end
""", capabilities="IDLE")
    one.start()
    one.idles()
    shown(one, "a/b.c")
    one.holds(11, 12, 13, 14)
    assert one.mailbox("delimiter", "a/b.c") == 0
    assert one.mailbox("delimiter", "Other") == 0
    one.quit()
    one.start()
    one.shows(11, 12, 13, 14)
    one.idles(2)
    one.quit()
    assert len(one.script.said("^FETCH|UID FETCH .*HEADER")) == 1


def test_trap_30_names_below_inbox(play):
    one = with_list(play, [r'LIST (\HasChildren) "." INBOX',
                           r'LIST (\HasNoChildren) "." "INBOX.Sent"',
                           r'LIST (\HasNoChildren) "." "INBOX.Sent.2026"'],
                    "when NAMESPACE\nS: * NAMESPACE ((\"INBOX.\" \".\")) NIL "
                    "NIL\nS: $tag OK\nend\n",
                    capabilities="IDLE NAMESPACE")
    shown(one, "Sent")
    shown(one, "2026")
    open_folder(one, "INBOX.Sent")
    one.said('SELECT "INBOX.Sent"')
    assert names(one) == {"INBOX", "INBOX.Sent", "INBOX.Sent.2026"}


def test_trap_31_namespace_mixed_with_fetch(play):
    one = with_list(play, ['LIST () "." INBOX', 'LIST () "." "INBOX.Sent"'],
                    r"""
when NAMESPACE
S: * 1 FETCH (UID 11 FLAGS (\Seen \Flagged))
S: * NAMESPACE (("INBOX." ".")) NIL NIL
S: * 2 FETCH (FLAGS (\Seen \Answered))
S: $tag OK
end
""", capabilities="IDLE NAMESPACE")
    shown(one, "Sent")
    assert names(one) == {"INBOX", "INBOX.Sent"}
    one.wait(lambda s: "!" in s.row_of("Message 11").flags)
    one.wait(lambda s: "r" in s.row_of("Message 12").flags)


@pytest.mark.parametrize("answer", ["S: $tag BAD what?", "S: $tag NO not now",
                                    "S: * NAMESPACE\nS: $tag OK",
                                    "S: * NAMESPACE NIL NIL NIL\nS: $tag OK"])
def test_trap_32_namespace_refused(play, answer):
    one = with_list(play, ['LIST () "/" "Sent"'],
                    "when NAMESPACE\n%s\nend\n" % answer,
                    capabilities="IDLE NAMESPACE")
    shown(one, "Sent")
    one.screen.send("\x1br")
    one.alive()
    assert len(one.script.said("NAMESPACE")) <= 1
    assert one.script.connections() == 1


def test_trap_32_namespace_ends_the_connection(play):
    """Then it is not asked for again."""
    one = with_list(play, ['LIST () "/" "Sent"'], "when NAMESPACE\ncut\nend\n",
                    capabilities="IDLE NAMESPACE")
    shown(one, "Sent")
    assert one.script.connections() <= 2
    assert len(one.script.said("NAMESPACE")) <= 1


@pytest.mark.parametrize("line", ['LIST () "/" iNbOx', 'LIST () "/" "Inbox"',
                                  'LIST () "/" inbox', 'LIST () "/" Other'])
def test_trap_33_spelling_of_inbox(play, line):
    one = play(LISTED % ("S: * " + line), capabilities="IDLE")
    one.start()
    one.idles()
    shown(one, "INBOX")
    assert "INBOX" in names(one)
    assert not {"Inbox", "iNbOx", "inbox"} & names(one)
    assert not one.script.said("(?i)SELECT .inbox.") or \
        one.script.said('SELECT "INBOX"')


def test_trap_34_extended_list_refused(play):
    """Refused although it was offered: the plain one, from then on."""
    one = play(r"""
when LIST *
S: * LIST (\HasNoChildren) "/" INBOX
S: * LIST (\HasNoChildren) "/" Plain
S: $tag OK done
end
when LIST * RETURN *
S: * LIST () "/" Half
S: $tag BAD no such thing
end
""", capabilities=EXTENDED)
    one.start()
    one.idles()
    shown(one, "Plain")
    one.said("STATUS")
    assert names(one) == {"INBOX", "Plain"}
    assert len(one.script.said("RETURN")) == 1


def test_trap_35_names_that_are_no_mailboxes(play):
    one = with_list(play, [r'LIST (\Noselect \HasChildren) "/" "[Gmail]"',
                           r'LIST (\NonExistent) "/" "Gone"',
                           r'LIST (\NoSelect) "/" ""',
                           r'LIST (\Trash) "/" "[Gmail]/Bin"'])
    shown(one, "[Gmail]")
    shown(one, "Bin")
    one.said("STATUS")
    one.idles()
    for name in ("[Gmail]", "Gone"):
        open_folder(one, name)
        one.wait("cannot open mailbox .*no messages")
        one.alive()
    for name in (r"\[Gmail\]", "Gone", ""):
        assert not one.script.said('(STATUS|SELECT|EXAMINE) "%s"' % name)


def test_trap_36_hostile_names(play):
    """A name is opaque: it is no path, no escape sequence, no tree of 3,000
    levels."""
    deep = "/".join(["d"] * 3000)
    one = with_list(play, ['LIST () "/" "../../../../etc/passwd"',
                           'LIST () "/" "a\x1b[2Jb\x9bc"',
                           'LIST () "/" "&2D3cig-"',
                           'LIST () "/" "x&ACAgLg-y"',
                           'LIST () "/" "%s"' % deep,
                           'LIST () "/" "/"', 'LIST () "/" "//"',
                           'LIST () "/" "%s"' % ("n" * 5000)])
    shown(one, "../../../../etc/passwd")
    shown(one, "\U0001f48a")
    for cell in one.screen.text():
        assert cell == "\n" or (ord(cell) >= 32 and
                                not 0x7f <= ord(cell) < 0xa0)
    open_folder(one, "../../../../etc/passwd")
    one.said(r'SELECT "\.\./')
    one.shows(11, 12, 13, 14)
    one.alive()
    found = {name for _, _, files in os.walk(one.client.home)
             for name in files}
    assert "passwd" not in found


def test_trap_37_tab_in_an_unquoted_name(play):
    one = with_list(play, ['LIST () "/" My\tOwn Folder',
                           'LIST (\\HasNoChildren) "/" Two Words'])
    assert names(one) >= {"My\tOwn Folder", "Two Words"}
    one.said("STATUS \"Two Words\"")
    one.said("STATUS \"My\tOwn Folder\"")
    one.alive()


def test_trap_38_names_keep_their_wire_form(play):
    wires = ["Entw&APw-rfe", "A&-B", "A & B", "Bad&A", "&AGE-pple", "K&ACY-S",
             "Gr\u00fc\u00dfe", "&Jjo-!"]
    one = with_list(play, ['LIST () "/" "%s"' % wire for wire in wires])
    for name in ("Entwürfe", "A&B", "A & B", "Grüße"):
        shown(one, name)
    assert names(one) == set(wires) | {"INBOX"}
    for wire in wires:
        one.wait(lambda s, w=wire: any(
            line.startswith('STATUS "%s"' % w)
            for line in one.script.said("STATUS")))
    open_folder(one, "Entwürfe")
    one.said('SELECT "Entw&APw-rfe"')


def test_trap_39_utf8_accept_is_not_switched_on(play):
    """As long as nobody said ENABLE, & is what it always was."""
    one = with_list(play, ['LIST () "/" "Entw&APw-rfe"'],
                    capabilities="IDLE ENABLE UTF8=ACCEPT QRESYNC CONDSTORE")
    shown(one, "Entwürfe")
    assert not one.script.said("UTF8")


def test_trap_14_uidvalidity_of_status_is_no_ones(play):
    """What counts is what SELECT says."""
    one = play("when STATUS *\nS: * STATUS INBOX (MESSAGES 9 UIDNEXT 99 "
               "UIDVALIDITY 999 UNSEEN 3)\nS: $tag OK\nend\n",
               capabilities="IDLE")
    for _ in range(2):
        one.start()
        one.shows(11, 12, 13, 14)
        one.said("STATUS")
        one.idles()
        assert "renumbered" not in one.screen.text()
        one.quit()
    assert one.mailbox("uidvalidity") == 1
    assert len(one.script.said("HEADER")) == 1


def test_trap_60_what_is_asked_for(play):
    """No macros; sequence numbers inside of EXISTS; ranges ascend."""
    one = play(has=" ".join(str(3 * n) for n in range(1, 301)),
               capabilities="IDLE")
    one.start()
    one.wait("Msgs:300")
    one.idles()
    one.wait(lambda s: one.mailbox("complete") == 1)
    fetches = one.script.said("FETCH")
    assert len(fetches) > 1
    for line in fetches:
        numbers = line.split(" ")[1 + line.startswith("UID")]
        items = line.split(" ", 2 + line.startswith("UID"))[-1]
        assert items.startswith("(UID")
        assert "BODY[" not in items and "RFC822 " not in items
        for part in numbers.split(","):
            ends = part.replace("*", "4294967295").split(":")
            assert int(ends[0]) <= int(ends[-1])
            assert line.startswith("UID") or int(ends[-1]) <= 300


def test_trap_91_literal_refused(play):
    """NO in the place of the +: it is not sent, and all stays in step."""
    one = with_list(play, ['LIST () "/" "Gr\u00fc\u00dfe"',
                           'LIST () "/" "Z"'],
                    "refuse NO literals are not for you\n")
    one.said('STATUS "Z"')
    open_folder(one, "Grüße")
    one.wait("literals are not for you")
    open_folder(one, "INBOX")
    one.shows(11, 12, 13, 14)
    assert one.script.connections() == 1
