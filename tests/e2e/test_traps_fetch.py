# SPDX-License-Identifier: GPL-3.0-or-later
"""FETCH as real servers answer it: rows 20 to 25, 27, 45 to 59 and 104 of the
list of traps. The number in a name is the row's."""

import pytest

HEADER = "BODY[HEADER.FIELDS (SUBJECT)]"


def begin(play, quirks, *uids, **keywords):
    one = play(quirks, capabilities="IDLE", **keywords)
    one.start()
    if uids:
        one.shows(*uids)
        one.idles()
    return one


def opened(one, number, text):
    """Opens a row and waits for its text in the pager."""
    one.screen.send("%d\r\r" % number)
    one.wait(text)


def test_trap_20_items_in_any_shape(play):
    one = begin(play, r"""
when FETCH *
raw: * 1 fetch (body[header.fields ("subject")] {21}\r\n
raw: Subject: Message 11\r\n X-GM-MSGID 12 flags (\\seen) uid 11 )\r\n
raw: * 2 Fetch (X-A (1 (2 "x") NIL) rfc822.size 7 UID 12  FLAGS () 
raw: BODY[HEADER.FIELDS (SUBJECT)] "Subject: Message 12" )\r\n
raw: * 3 FETCH ( UID 13 FLAGS (\\Seen) X-B[y] ~{3}\r\nabc 
raw: BODY[HEADER.FIELDS (SUBJECT)] "Subject: Message 13")  \r\n
S: $tag OK
end
""", has="11 12 13")
    one.shows(11, 12, 13)
    one.holds(11, 12, 13)


def test_trap_21_list_closed_behind_the_literal(play):
    """Xeams: what follows stands alone, and is skipped."""
    one = begin(play, r"""
once UID FETCH 12 (*
S: * 2 FETCH (UID 12 BODY[] {21}
raw: Subject: x\r\n\r\nBroken) FLAGS (\\Seen))\r\n more of it\r\n
rows 11
S: $tag OK
end
""", 11, 12, 13, 14)
    one.screen.send("2\r\r")
    one.said("UID FETCH 12")
    one.wait("Broken|did not give|Body of 12")
    one.screen.send("q")
    opened(one, 3, "Body of 13")
    assert one.script.connections() == 1


def test_trap_22_many_literals_and_empty_ones(play):
    one = begin(play, r"""
when FETCH *
raw: * 1 FETCH (UID {2}\r\n11 FLAGS (\\Seen) X {0}\r\n BODY[2] {0}\r\n 
raw: BODY[HEADER.FIELDS (SUBJECT)] {21}\r\nSubject: Message 11\r\n)\r\n
raw: * 2 FETCH (BODY[HEADER.FIELDS (SUBJECT)] {21}\r\nSubject: Message 12\r\n 
raw: X-C {33}\r\n)\r\n* 1 EXPUNGE\r\n* BYE what\r\n{3}\r\n UID 12 FLAGS ())\r\n
S: $tag OK
end
once UID FETCH 12 (*
raw: * 2 FETCH (UID 12 BODY[] {0}\r\n)\r\n
S: $tag OK
end
""", has="11 12")
    one.shows(11, 12)
    one.holds(11, 12)
    one.screen.send("2\r\r")
    one.said("UID FETCH 12")
    one.alive()
    assert one.script.connections() == 1


def test_trap_23_literal_too_short_by_a_line_end(play):
    """One stray line end before the `)` is taken for what it is."""
    one = begin(play, r"""
once UID FETCH 12 (*
raw: * 2 FETCH (UID 12 BODY[] {28}\r\n
raw: Subject: x\r\n\r\nJust enough...\r\n)\r\n
S: $tag OK
end
""", 11, 12, 13, 14)
    opened(one, 2, r"Just enough\.\.\.")
    one.screen.send("q")
    opened(one, 3, "Body of 13")
    assert one.script.connections() == 1


def test_trap_24_less_than_was_announced(play):
    """The connection ends in the middle: nothing of it stays."""
    one = begin(play, r"""
once UID FETCH 12 (*
raw: * 2 FETCH (UID 12 BODY[] {225752}\r\nSubject: x\r\n\r\nOnly a part
cut
end
""", 11, 12, 13, 14)
    one.screen.send("2\r\r")
    one.said("UID FETCH 12", 2)
    assert all(b"Only a part" not in body for body in one.bodies(12))
    assert "Only a part" not in one.screen.text()
    one.holds(11, 12, 13, 14)


def test_trap_25_literal_counted_in_characters(play):
    """The damage stays in its message."""
    one = begin(play, "once UID FETCH 12 (*\n"
                "raw: * 2 FETCH (UID 12 BODY[] {23}\\r\\n\n"
                "raw: Subject: x\\r\\n\\r\\n\u00c4\u00d6\u00dc"
                "\u00e4\u00f6\u00fc end)\\r\\n\nrows 11\nS: $tag OK\nend\n",
                11, 12, 13, 14)
    one.screen.send("2\r\r")
    one.said("UID FETCH 12")
    one.alive()
    one.screen.send("q")
    opened(one, 3, "Body of 13")
    one.holds(11, 12, 13, 14)
    assert one.script.connections() == 1


BIG = "x" * 70 + "\n"


def structured(play, structure, text="message 12\nSubject: Message 12\n"
               "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n"
               "Body of 12\n--b\nContent-Type: application/x-y\n\n"
               + BIG * 1200 + "--b--\n.\n"):
    """A message above the size that is fetched in one piece, described in
    this way, opens."""
    one = begin(play, "item 12 BODYSTRUCTURE %s\n%s" % (structure, text),
                11, 12, 13, 14)
    opened(one, 2, "Body of 12")
    one.screen.send("q")
    opened(one, 3, "Body of 13")
    one.holds(11, 12, 13, 14)
    assert one.script.connections() == 1


PART = '("text" "plain" NIL NIL NIL "7bit" 12 1)'
OTHER = '("application" "x-y" NIL NIL NIL "7bit" 85200 NIL NIL NIL)'
STRUCTURES = {
    27: '(("text" "plain" ("name" "a "quoted" one\\") NIL NIL "7bit" 12 1)'
        ' %s "mixed")' % OTHER,
    45: '(("text" "plain" NIL NIL NIL "7bit" 12 1 NIL "inline" NIL) %s "mixed"'
        ' ("boundary" "b") "inline")' % OTHER,
    46: '((%s %s "mixed" ("boundary" "b")) "mixed" ("boundary" "b"))'
        % (PART, OTHER),
    47: '(NIL "mixed" ("boundary" "b") NIL NIL)',
    48: '(%s %s "mixed" ("boundary" NIL))' % (PART, OTHER),
    49: '("multipart" "mixed" ("boundary" "b") NIL NIL "7bit" 85300)',
    50: '(%s ("message" "rfc822" NIL NIL NIL "base64" 85200) "mixed")' % PART,
}


@pytest.mark.parametrize("row", STRUCTURES, ids=lambda row: "trap_%d" % row)
def test_trap_45_to_50_structures(play, row):
    structured(play, STRUCTURES[row])


@pytest.mark.parametrize("structure", [
    "NIL", "()", '(NIL NIL NIL NIL NIL NIL 12)', '"text"', "(" * 70 + ")" * 70,
    '(("text" "plain" NIL NIL NIL "7bit" -1 9.3e6) NIL)'])
def test_trap_47_structures_of_nothing(play, structure):
    structured(play, structure)


def test_trap_51_52_envelopes_and_dates(play):
    """An envelope is not asked for; a date that is none is unknown."""
    one = begin(play, """
item 11 INTERNALDATE "00-Jan-0000 00:00:00 +0000"
item 12 INTERNALDATE NIL
item 13 INTERNALDATE "32-Foo-20266 99:99:99 +9999"
item 14 INTERNALDATE {0}
message 11
Subject: Message 11

x
.
message 13
From: MISSING_MAILBOX@MISSING_DOMAIN
Date: never
Subject: Message 13

x
.
""".replace("item 14 INTERNALDATE {0}\n", ""), 11, 12, 13, 14)
    one.holds(11, 12, 13, 14)
    assert not one.script.said("ENVELOPE")


def test_trap_53_nothing_but_body_peek(play):
    one = begin(play, "", 11, 12, 13, 14)
    opened(one, 2, "Body of 12")
    for line in one.script.said("FETCH"):
        assert "BODY[" not in line and "RFC822 " not in line
        assert "RFC822)" not in line and "RFC822." not in \
            line.replace("RFC822.SIZE", "")


@pytest.mark.parametrize("row", [54, 55])
def test_trap_54_55_ok_and_no_data(play, row):
    """Asked for again in another way, then not any more."""
    answer = "" if row == 54 else "S: * 2 FETCH (UID 12 FLAGS (\\Seen))\n"
    one = begin(play, "when UID FETCH 12 (*\n%sS: $tag OK\nend\n" % answer,
                11, 12, 13, 14)
    one.screen.send("2\r\r")
    one.wait("did not give the message")
    one.alive()
    assert len(one.script.said("UID FETCH 12")) <= 3
    one.screen.send("q")
    opened(one, 3, "Body of 13")


def test_trap_54_rows_that_do_not_come(play):
    one = begin(play, "when FETCH *\nrows 11 13 14\nS: $tag OK\nend\n"
                "when UID FETCH *\nrows 11 13 14\nS: $tag OK\nend\n")
    one.shows(11, 13, 14)
    one.idles()
    one.alive()
    assert len(one.script.said("FETCH|SEARCH")) < 10


def test_trap_56_one_message_spoils_the_answer(play):
    """It is found by halving and left out; the others are all there."""
    uids = list(range(1, 301))
    one = begin(play, "poison 77 NO [SERVERBUG] Server bug\n",
                has=" ".join(map(str, uids)))
    one.wait("did not give 1 message of INBOX", 60)
    one.holds(*(uid for uid in uids if uid != 77))
    assert len(one.script.said("FETCH")) < 40


def test_trap_57_another_piece_than_was_asked_for(play):
    """A piece that begins elsewhere is not the message."""
    one = begin(play, r"""
when UID FETCH 12 (*
S: * 2 FETCH (UID 12 BODY[]<10> {5}
S: Wrong)
S: $tag OK
end
""", 11, 12, 13, 14)
    one.screen.send("2\r\r")
    one.wait("did not give the message")
    assert one.bodies(12) == []


@pytest.mark.parametrize("size", ["1", "99999", "4294967295"])
def test_trap_59_size_is_not_the_octet_count(play, size):
    one = begin(play, "item 12 RFC822.SIZE %s\n" % size, 11, 12, 13, 14)
    opened(one, 2, "Body of 12" if size != "4294967295" else
           "Body of 12|above the limit")
    one.alive()


def test_trap_85_flags_are_added_and_taken(play):
    """Never replaced: another client may have set one meanwhile."""
    one = begin(play, "", 11, 12, 13, 14)
    one.screen.send("2\rF")
    one.said(r"STORE 12 \+FLAGS.SILENT \(.Flagged\)")
    one.screen.send("2\rF")
    one.said(r"STORE 12 -FLAGS.SILENT \(.Flagged\)")
    assert not one.script.said("STORE [^ ]* FLAGS")


def test_trap_102_a_wish_outlives_what_the_server_says(play):
    one = begin(play, r"""
once UID STORE *
S: * 2 FETCH (UID 12 FLAGS (\Seen))
S: * 3 FETCH (UID 13 FLAGS (\Seen \Answered))
await go
S: $tag OK
end
""", 11, 12, 13, 14)
    one.screen.send("2\rF")
    one.wait(lambda s: "r" in s.row_of("Message 13").flags)
    assert "!" in one.screen.row_of("Message 12").flags
    one.script.go("go")
    one.idles(2)
    assert "!" in one.screen.row_of("Message 12").flags
