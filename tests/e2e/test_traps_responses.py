# SPDX-License-Identifier: GPL-3.0-or-later
"""Responses as real servers send them: rows 1 to 10, 17 to 19, 26, 61, 75, 84,
86, 98, 100 and 101 of the list of traps. The number in a name is the row's.
"""

import pytest
from play import in_idle


def begin(play, quirks, **keywords):
    keywords.setdefault("capabilities", "IDLE")
    one = play(quirks, **keywords)
    one.start()
    return one


def in_one_idle(play, text, has="11 12 13 14", **keywords):
    """smew idles, then the server says this."""
    one = begin(play, in_idle(text), has=has, **keywords)
    one.shows(*(int(uid) for uid in has.split()))
    one.idles()
    one.script.go("go")
    return one


def test_trap_01_expunge_renumbers_at_once(play):
    one = in_one_idle(play, "S: * 2 EXPUNGE\nS: * 2 EXPUNGE\nhas 11 14")
    one.shows(11, 14)
    one.holds(11, 14)
    # Sequence numbers are used for the first window and never again.
    assert len(one.script.said("^FETCH")) == 1


@pytest.mark.parametrize("command", ["UID FETCH 13 *", "UID SEARCH *",
                                     "UID STORE *"])
def test_trap_02_expunge_where_it_is_illegal(play, command):
    answer = {"UID F": "rows", "UID S": "", }.get(command[:5], "")
    if "SEARCH" in command:
        answer = "S: * SEARCH $uids"
    quirks = ("once %s\nS: * 2 EXPUNGE\nhas 11 13 14\n%s\nS: $tag OK\nend\n"
              % (command, answer))
    # A list of UIDs is asked for when the counts do not agree.
    if "SEARCH" in command:
        quirks += in_idle("S: * 9 EXPUNGE")
    one = begin(play, quirks)
    one.shows(11, 12, 13, 14)
    one.idles()
    one.script.go("go")
    if "FETCH" in command:
        one.screen.send("3\r\r")
        one.wait("Body of 13")
        one.screen.send("q")
    elif "STORE" in command:
        one.screen.send("4\rF")
    one.holds(11, 13, 14)
    one.shows(11, 13, 14)


def test_trap_03_renumbered_without_a_word(play):
    """What a FETCH brings is kept under the UID that it names."""
    one = begin(play, r"""
once UID FETCH 12 (*BODY.PEEK[]*
S: * 2 FETCH (UID 13 BODY[] {5}
S: wrong)
S: $tag OK
end
once UID FETCH 12 (*BODY.PEEK[]*
S: * 2 FETCH (BODY[] {5}
S: wrong)
S: $tag OK
end
""")
    one.shows(11, 12, 13, 14)
    one.idles()
    one.screen.send("2\r\r")
    one.wait("did not give the message")
    assert "wrong" not in one.screen.text()
    assert one.bodies(12) == []
    one.screen.send("q3\r\r")
    one.wait("Body of 13")


def test_trap_04_answer_about_another_message(play):
    one = begin(play, r"""
once UID STORE 12 *
S: * 3 FETCH (UID 13 FLAGS (\Seen \Flagged))
S: $tag OK
end
""")
    one.shows(11, 12, 13, 14)
    one.screen.send("2\rF")
    one.wait(lambda s: "!" in s.row_of("Message 12").flags and
             "!" in s.row_of("Message 13").flags)
    assert "!" not in one.screen.row_of("Message 11").flags


@pytest.mark.parametrize("number", [0, 9])
def test_trap_05_expunge_of_no_message(play, number):
    one = in_one_idle(play, "S: * %d EXPUNGE" % number)
    one.said("UID SEARCH")
    one.idles(2)
    one.shows(11, 12, 13, 14)
    one.holds(11, 12, 13, 14)


def test_trap_06_exists_shrinks(play):
    one = in_one_idle(play, "S: * 3 EXISTS\nhas 11 13 14")
    one.said("UID SEARCH")
    one.shows(11, 13, 14)
    one.holds(11, 13, 14)


def test_trap_07_expunge_without_exists(play):
    one = in_one_idle(play, "S: * 1 EXPUNGE\nhas 12 13 14")
    one.wait("Msgs:3")
    one.shows(12, 13, 14)
    assert not one.script.said("UID SEARCH")


def test_trap_08_data_in_the_answer_of_another_command(play):
    """08, 09, 10: news, and texts that mean nothing, at any time."""
    one = begin(play, r"""
once STATUS *
S: * OK Searched 91% of the mailbox, ETA 0:01
S: * 5 EXISTS
has 11 12 13 14 15
S: * OK Still here
S: * 1 FETCH (FLAGS (\Seen \Flagged))
S: * STATUS Other (MESSAGES 3 UNSEEN 2)
S: $tag OK [APPENDUID 1 15] Completed (this is not news)
end
""")
    one.shows(11, 12, 13, 14, 15)
    one.wait(lambda s: "!" in s.row_of("Message 11").flags)
    one.wait(r"Other +2")
    for text in ("Searched", "Still here", "Completed"):
        assert text not in one.screen.text()


def test_trap_09_exists_before_the_tagged_answer(play):
    one = begin(play, r"""
once UID STORE *
S: * 5 EXISTS
has 11 12 13 14 15
S: * 2 FETCH (UID 12 FLAGS (\Seen \Flagged))
S: $tag OK done
end
""")
    one.shows(11, 12, 13, 14)
    one.screen.send("2\rF")
    one.shows(11, 12, 13, 14, 15)
    one.wait(lambda s: "!" in s.row_of("Message 12").flags)


def test_trap_10_progress_texts(play):
    one = in_one_idle(play, "S: * OK Still here\nS: * OK [X-THING 1] what\n"
                      "S: * NO disk is getting full\nS: * 2 EXPUNGE\n"
                      "has 11 13 14")
    one.shows(11, 13, 14)
    assert "Still here" not in one.screen.text()
    assert one.script.connections() == 1


def test_trap_17_duplicate_and_zero_uids(play):
    one = begin(play, r"""
once FETCH *
rows 11 12
S: * 3 FETCH (UID 12 FLAGS (\Seen) BODY[HEADER.FIELDS (SUBJECT)] "Subject: x")
S: * 4 FETCH (UID 0 FLAGS (\Seen) BODY[HEADER.FIELDS (SUBJECT)] "Subject: y")
S: $tag OK
end
""", has="11 12 12 0")
    one.wait(lambda s: len(s.rows()) == 2)
    one.idles()
    one.holds(11, 12)
    one.wait("the same number: nothing is changed there")
    one.screen.send("1\rF")
    one.alive()
    assert not one.script.said("STORE")
    assert len(one.script.said("SEARCH|FETCH")) < 12


@pytest.mark.parametrize("top", [4294967294, 4294967295])
def test_trap_18_uids_above_31_bits(play, top):
    uids = [2147483647, 2147483648, 4000000000, top]
    one = in_one_idle(play, "S: * 5 EXISTS\nS: * 5 EXPUNGE\nS: * 1 EXPUNGE\n"
                      "has %s" % " ".join(map(str, uids[1:])),
                      has=" ".join(map(str, uids)))
    one.shows(*uids[1:])
    one.holds(*uids[1:])
    assert one.subjects() == ["Message %d" % uid for uid in uids[1:]]
    one.screen.send("3\r\r")
    one.wait("Body of %d" % top)
    one.idles(2)
    assert len(one.script.said(".")) < 30


def test_trap_18_new_mail_above_the_last_uid(play):
    """There is no UID above 4294967295 that one could ask for."""
    one = in_one_idle(play, "S: * 5 EXISTS\nS: * OK still 5",
                      has="1 2 3 4294967295")
    one.idles(2)
    one.shows(1, 2, 3, 4294967295)
    assert len(one.script.said(".")) < 30


def test_trap_19_fetch_of_no_message(play):
    one = in_one_idle(play, r"""
S: * 0 FETCH (UID 11 FLAGS (\Flagged))
S: * 9 FETCH (UID 12 FLAGS (\Flagged))
S: * 4294967296 FETCH (UID 13 FLAGS (\Flagged))
S: * 4 FETCH (UID 14 FLAGS (\Flagged))
""")
    one.wait(lambda s: "!" in s.row_of("Message 14").flags)
    for uid in (11, 12, 13):
        assert "!" not in one.screen.row_of("Message %d" % uid).flags
    one.holds(11, 12, 13, 14)


def test_trap_26_numbers_that_are_none(play):
    one = begin(play, r"""
item 11 RFC822.SIZE -1
item 12 RFC822.SIZE 9.3736e+06
item 13 RFC822.SIZE 99999999999999999999999
item 14 MODSEQ (-1)
once SELECT *
S: * 4 EXISTS
S: * -3 EXISTS
S: * 4.5 EXISTS
S: * 99999999999 EXISTS
S: * OK [UIDVALIDITY 1] ok
S: * OK [UIDNEXT -1] ok
S: * OK [HIGHESTMODSEQ 1e9] ok
S: * OK [UNSEEN -1] ok
S: $tag OK done
end
""", capabilities="IDLE CONDSTORE")
    one.shows(11, 12, 13, 14)
    one.idles()
    one.holds(11, 12, 13, 14)


def test_trap_61_flags_as_they_come(play):
    one = begin(play, r"""
item 11 FLAGS ("\\Seen" \FLAGGED)
item 12 FLAGS NIL
item 13 FLAGS (\seen \answered [Gmail] \Custom $Forwarded)
item 14 FLAGS ()
""")
    one.shows(11, 12, 13, 14)
    flags = {row.subject[-2:]: row.flags for row in one.screen.rows()}
    assert "!" in flags["11"] and "N" not in flags["11"]
    assert "N" in flags["12"] and "N" in flags["14"]
    assert "r" in flags["13"] and "N" not in flags["13"]


def test_trap_75_continuation_nobody_asked_for(play):
    one = in_one_idle(play, "S: + what\nS: +\nraw: + \\r\\n\n"
                      "S: * 1 EXPUNGE\nhas 12 13 14")
    one.shows(12, 13, 14)
    one = begin(play, "once SELECT *\nS: + go on\nS: * 4 EXISTS\n"
                "S: * OK [UIDVALIDITY 1] ok\nS: +\nS: $tag OK done\nend")
    one.shows(11, 12, 13, 14)
    one.idles()
    assert one.script.connections() == 1


def test_trap_84_expunge_told_late(play):
    """Flags of what is still counted stay right until the server tells."""
    one = in_one_idle(play, r"""
S: * 2 FETCH (FLAGS (\Seen \Deleted))
S: * 4 FETCH (FLAGS (\Seen \Flagged))
await later
S: * 2 EXPUNGE
has 11 13 14
""")
    one.wait(lambda s: "!" in s.row_of("Message 14").flags)
    one.wait(lambda s: "D" in s.row_of("Message 12").flags)
    one.script.go("later")
    one.shows(11, 13, 14)
    assert "!" in one.screen.row_of("Message 14").flags
    assert "D" not in one.screen.row_of("Message 13").flags


def test_trap_86_recent_means_nothing(play):
    one = begin(play, r"""
item 11 FLAGS (\Recent)
item 12 FLAGS ()
item 13 FLAGS (\Seen \Recent)
item 14 FLAGS (\Seen)
once STATUS *
S: * STATUS Other (MESSAGES 3 UNSEEN 0 RECENT 3)
S: * 4 RECENT
S: $tag OK
end
""")
    one.shows(11, 12, 13, 14)
    flags = {row.subject[-2:]: row.flags for row in one.screen.rows()}
    assert flags["11"] == flags["12"] and flags["13"] == flags["14"]
    one.said("STATUS")
    assert not one.script.said("RECENT")


def test_trap_98_nul_pads_and_bare_line_feeds(play):
    one = begin(play, r"""
once SELECT *
raw: \0\0\0* 4 EXISTS\n\0* OK [UIDVALIDITY 1] ok\n
raw: * OK [UIDNEXT 15] next\r\n\0\0
raw: \0$tag OK done\n
end
once IDLE
raw: + idling\n\0\0\0
await go
raw: * 1 EXPUNGE\n\0
has 12 13 14
c: DONE
raw: \0$tag OK done\n
end
""")
    one.shows(11, 12, 13, 14)
    one.said("IDLE")
    one.script.go("go")
    one.shows(12, 13, 14)
    assert one.script.connections() == 1


def test_trap_100_numbers_above_32_bits_and_nil(play):
    one = begin(play, r"""
when ID *
S: * ID ("name" NIL "vendor" NIL)
S: $tag OK
end
once STATUS *
S: * STATUS Other (MESSAGES 3 SIZE 99999999999 MAILBOXID NIL UNSEEN 2)
S: * QUOTA "" (STORAGE 5000000000 15000000000)
S: * QUOTAROOT INBOX ""
S: $tag OK
end
when GETQUOTAROOT *
S: * QUOTAROOT INBOX ""
S: * QUOTA "" (STORAGE 5000000000 15000000000)
S: $tag OK
end
""", capabilities="IDLE ID STATUS=SIZE QUOTA OBJECTID")
    one.shows(11, 12, 13, 14)
    one.wait(r"Other +2")
    one.idles()


def test_trap_101_deleted_elsewhere(play):
    one = in_one_idle(play, r"S: * 3 FETCH (FLAGS (\Seen \Deleted))")
    one.wait(lambda s: "D" in s.row_of("Message 13").flags)
    one.shows(11, 12, 13, 14)
    assert not one.script.said("EXPUNGE|CLOSE|STORE")
