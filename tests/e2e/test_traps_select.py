# SPDX-License-Identifier: GPL-3.0-or-later
"""SELECT and what it tells, searching, resuming: rows 11 to 13, 15, 40 to 44,
78, 79, 83, 87, 96 and 97 of the list of traps. The number in a name is the
row's."""

import pytest
from messages import ordinary
from play import in_idle

QRESYNC = "IDLE ENABLE QRESYNC CONDSTORE"


def select(codes, more="", pattern="*"):
    """A block for SELECT with these codes."""
    said = "\n".join("S: * OK [%s] so" % code for code in codes)
    return ("when SELECT %s\nS: * $exists EXISTS\n%s\n%s\n"
            "S: $tag OK [READ-WRITE] done\nend\n" % (pattern, said, more))


def two_sessions(play, first, second, **keywords):
    """A server that says other things the second time; ready to start."""
    keywords.setdefault("capabilities", "IDLE")
    return play(script=ordinary(first, **keywords) + "====\n"
                + ordinary(second, **keywords))


def run(one, *uids):
    """A whole run of smew that ends in a complete cache."""
    idled = one.script.lines().count("S: + idling")
    one.start()
    one.idles(idled + 1)
    one.shows(*uids)
    one.holds(*uids)
    text = one.screen.text()
    one.quit()
    return text


def rows_asked(one):
    """How many FETCH commands were for rows of the index."""
    return len(one.script.said("FETCH .*HEADER.FIELDS"))


def test_trap_11_uidvalidity_changed(play):
    one = two_sessions(play, "", "message 11\nSubject: Another\n\nx\n.\n"
                       + select(["UIDVALIDITY 2", "UIDNEXT 15"]))
    run(one, 11, 12, 13, 14)
    one.start()
    one.wait("renumbered by the server")
    one.wait(lambda s: s.row_of("Another"))
    assert not one.screen.row_of("Message 11")
    one.holds(11, 12, 13, 14)
    assert one.mailbox("uidvalidity") == 2


def test_trap_11_pending_flags_are_not_stored_on_others(play):
    one = two_sessions(play, "when UID STORE *\ncut\nend",
                       select(["UIDVALIDITY 2", "UIDNEXT 15"]))
    one.start()
    one.shows(11, 12, 13, 14)
    one.idles()
    one.screen.send("2\rF")
    one.said("UID STORE")
    one.wait("refused: the server has renumbered the mailbox")
    one.shows(11, 12, 13, 14)
    one.idles(2)
    assert len(one.script.said("STORE")) == 1


def test_trap_12_uidvalidity_missing(play):
    """Good for this session; nothing of it is believed in the next."""
    one = play(select(["UIDNEXT 15"]), capabilities="IDLE")
    run(one, 11, 12, 13, 14)
    assert rows_asked(one) == 1
    run(one, 11, 12, 13, 14)
    assert rows_asked(one) == 2


@pytest.mark.parametrize("value, same", [
    ("0", False), ("-1", False), ("1.5", False), ("4294967297", True),
    ("99999999999999999", True), ("1 ", True)])
def test_trap_13_odd_uidvalidity(play, value, same):
    one = play(select(["UIDVALIDITY " + value, "UIDNEXT 15"]),
               capabilities=QRESYNC)
    run(one, 11, 12, 13, 14)
    run(one, 11, 12, 13, 14)
    assert rows_asked(one) == (1 if same else 2)


def test_trap_13_uidvalidity_is_not_truncated(play):
    one = two_sessions(
        play, select(["UIDVALIDITY 4294967297"]),
        "message 11\nSubject: Another\n\nx\n.\n" + select(["UIDVALIDITY 1"]))
    run(one, 11, 12, 13, 14)
    one.start()
    one.wait(lambda s: s.row_of("Another"))


@pytest.mark.parametrize("codes", [[], ["UIDNEXT 0"], ["UIDNEXT -1"],
                                   ["UIDNEXT 3"]])
def test_trap_15_uidnext_missing_or_wrong(play, codes):
    one = play(select(["UIDVALIDITY 1"] + codes)
               + in_idle("S: * 5 EXISTS\nhas 11 12 13 14 20"),
               capabilities="IDLE")
    one.start()
    one.shows(11, 12, 13, 14)
    one.idles()
    one.script.go("go")
    one.shows(11, 12, 13, 14, 20)
    one.holds(11, 12, 13, 14, 20)


@pytest.mark.parametrize("answer", ["", "S: * ENABLED", "S: * ENABLED X"])
def test_trap_40_enable_without_enabled(play, answer):
    one = two_sessions(
        play, select(["UIDVALIDITY 1", "UIDNEXT 15", "HIGHESTMODSEQ 90"]),
        "when ENABLE *\n%s\nS: $tag OK\nend\nhas 11 13 14\n" % answer
        + select(["UIDVALIDITY 1", "UIDNEXT 15", "HIGHESTMODSEQ 95"],
                 "S: * VANISHED (EARLIER) 5:10,12"),
        capabilities=QRESYNC)
    run(one, 11, 12, 13, 14)
    run(one, 11, 13, 14)
    assert one.script.said(r"SELECT .*QRESYNC \(1 90")
    assert rows_asked(one) == 1
    assert not one.script.said("SEARCH")


def test_trap_41_codes_without_text(play):
    one = play(r"""
when SELECT *
raw: * FLAGS (\\Seen)\r\n* 4 EXISTS\r\n* OK [UIDVALIDITY 1]\r\n
raw: * OK [UIDNEXT 15]\r\n* OK [HIGHESTMODSEQ 715]\r\n
raw: * OK [PERMANENTFLAGS (\\Seen \\*)]\r\n* OK\r\n$tag OK [READ-WRITE]\r\n
end
""", capabilities=QRESYNC)
    run(one, 11, 12, 13, 14)
    assert one.mailbox("modseq") == 715
    assert one.mailbox("uidvalidity") == 1


@pytest.mark.parametrize("code", ["HIGHESTMODSEQ 0", "HIGHESTMODSEQ -1",
                                  "NOMODSEQ"])
def test_trap_42_no_modseq(play, code):
    quirks = "\n".join("item %d MODSEQ (0)" % uid for uid in (11, 12, 13)) \
        + "\nitem 14 MODSEQ (-1)\n"
    one = two_sessions(
        play, quirks + select(["UIDVALIDITY 1", code]),
        quirks + "item 13 FLAGS (\\Seen \\Flagged)\n"
        + select(["UIDVALIDITY 1", code]), capabilities=QRESYNC)
    run(one, 11, 12, 13, 14)
    one.start()
    one.wait(lambda s: s.row_of("Message 13") and
             "!" in s.row_of("Message 13").flags)
    one.idles(2)
    assert not one.script.said(r"CHANGEDSINCE|QRESYNC \(")
    assert rows_asked(one) == 1


def test_trap_43_vanished_of_all_kinds(play):
    one = play(select(["UIDVALIDITY 1", "UIDNEXT 19", "HIGHESTMODSEQ 9"])
               + in_idle("""
S: * VANISHED 1:10,4000:4294967295,12
S: * VANISHED 12
S: * VANISHED (EARLIER) 1:4294967295
has 11 13 14 18
await more
S: * VANISHED 13,
has 11 14 18
await yet more
S: * VANISHED 18:15
has 11 14
""".replace("yet more", "last")), has="11 12 13 14 18", capabilities=QRESYNC)
    one.start()
    one.shows(11, 12, 13, 14, 18)
    one.idles()
    one.script.go("go")
    one.script.go("more")
    one.script.go("last")
    one.shows(11, 14)
    one.holds(11, 14)


def test_trap_43_vanished_earlier_in_select(play):
    one = two_sessions(
        play, select(["UIDVALIDITY 1", "HIGHESTMODSEQ 9"]),
        "has 12 13\n" + select(["UIDVALIDITY 1", "HIGHESTMODSEQ 10"],
                               "S: * VANISHED (EARLIER) 1:11,14:4294967295"),
        capabilities=QRESYNC)
    run(one, 11, 12, 13, 14)
    run(one, 12, 13)


@pytest.mark.parametrize("capabilities", [QRESYNC, "IDLE CONDSTORE"])
def test_trap_44_highestmodseq_goes_back(play, capabilities):
    """All flags are fetched again then: a backup was played in."""
    one = two_sessions(
        play, select(["UIDVALIDITY 1", "HIGHESTMODSEQ 100"]),
        "item 13 FLAGS (\\Seen \\Flagged)\n"
        + select(["UIDVALIDITY 1", "HIGHESTMODSEQ 50"]),
        capabilities=capabilities)
    run(one, 11, 12, 13, 14)
    one.start()
    one.wait(lambda s: s.row_of("Message 13") and
             "!" in s.row_of("Message 13").flags)
    one.idles(2)
    one.wait(lambda s: one.mailbox("modseq") == 50)
    assert rows_asked(one) == 1


MANY = " ".join(str(uid) for uid in range(1, 301))


@pytest.mark.parametrize("answer", ["S: $tag NO no searching today",
                                    "S: $tag BAD what"])
def test_trap_78_search_fails(play, answer):
    """The UIDs can be had by FETCH as well; nothing is asked for for ever."""
    one = play("when UID SEARCH *\n%s\nend\n" % answer, has=MANY,
               capabilities="IDLE")
    one.start()
    one.wait("Msgs:300")
    one.idles()
    one.wait(lambda s: len(one.uids()) == 300)
    assert len(one.script.said("SEARCH")) <= 2


def test_trap_78_search_sees_the_newest_alone(play):
    """What the answer lacks is not gone."""
    short = " ".join(str(uid) for uid in range(201, 301))
    one = two_sessions(play, "", "when UID SEARCH *\nS: * SEARCH %s\n"
                       "S: $tag OK\nend\n" % short, has=MANY)
    one.start()
    one.wait(lambda s: len(one.uids()) == 300)
    one.idles()
    one.quit()
    one.start()
    one.idles(2)
    assert len(one.uids()) == 300
    assert len(one.script.said("SEARCH")) <= 4


@pytest.mark.parametrize("answer", [
    "S: * ESEARCH (TAG \"$tag\") UID",
    "S: * ESEARCH (TAG \"$tag\") UID COUNT 4",
    "S: * SEARCH", "S: * OK nothing"])
def test_trap_79_answer_of_search_says_nothing(play, answer):
    one = two_sessions(play, "", "when UID SEARCH *\n%s\nS: $tag OK\nend\n"
                       % answer, capabilities="IDLE ESEARCH")
    run(one, 11, 12, 13, 14)
    run(one, 11, 12, 13, 14)
    assert len(one.script.said("SEARCH")) <= 3


@pytest.mark.parametrize("answer", [
    "S: * SEARCH 14 13 11", "S: * SEARCH 11 13\nS: * SEARCH 14",
    "S: * SEARCH 11 13 14 (MODSEQ 917162500)", "S: * search 11 13 14 ",
    "S: * ESEARCH (TAG \"$tag\") UID ALL 11,13:14",
    "S: * ESEARCH UID ALL 11,13:14 X-THING (1 2) MODSEQ 4",
    "S: * ESEARCH (TAG \"$tag\") UID MIN 11 ALL 14,13,11 COUNT 3"])
def test_trap_87_forms_of_the_answer(play, answer):
    one = two_sessions(play, "", "has 11 13 14\nwhen UID SEARCH *\n%s\n"
                       "S: $tag OK\nend\n" % answer,
                       capabilities="IDLE ESEARCH")
    run(one, 11, 12, 13, 14)
    run(one, 11, 13, 14)
    assert rows_asked(one) == 1


def test_trap_87_esearch_that_covers_all_numbers(play):
    one = two_sessions(play, "", "when UID SEARCH *\nS: * ESEARCH (TAG "
                       "\"$tag\") UID ALL 1:4294967295\nS: $tag OK\nend\n",
                       capabilities="IDLE ESEARCH")
    run(one, 11, 12, 13, 14)
    one.start()
    one.wait("more messages than")
    one.shows(11, 12, 13, 14)
    one.alive()


def test_trap_83_fetch_of_what_is_gone(play):
    """NO means: look again what there is, then say it."""
    one = play("once UID FETCH 13 (*BODY*\nhas 11 12 14\n"
               "S: $tag NO [EXPUNGEISSUED] some of the messages are gone\n"
               "end\nwhen NOOP\nS: * 3 EXPUNGE\nS: $tag OK\nend\n"
               "when IDLE\nS: + idling\nS: * 3 EXPUNGE\nc: DONE\n"
               "S: $tag OK\nend\n" + "once IDLE\nS: + idling\nc: DONE\n"
               "S: $tag OK\nend\n", capabilities="IDLE")
    one.start()
    one.shows(11, 12, 13, 14)
    one.idles()
    one.screen.send("3\r\r")
    one.said("UID FETCH 13")
    one.holds(11, 12, 14)
    one.screen.send("q")
    one.shows(11, 12, 14)


TWO = r"""
when SELECT "Other"*
%s
has 21 22
S: * OK [CLOSED] the old one is closed
S: * 2 EXISTS
S: * OK [UIDVALIDITY 7] ok
S: * OK [UIDNEXT 23] ok
S: * OK [HIGHESTMODSEQ 4] ok
S: $tag OK [READ-WRITE] done
end
"""


def change_folder(one, name):
    one.screen.send("c")
    one.wait("[Mm]ailbox")
    one.screen.send("\x15" + name + "\r")


def test_trap_96_data_of_the_mailbox_that_is_left(play):
    one = play(select(["UIDVALIDITY 1", "HIGHESTMODSEQ 9"]) + TWO
               % "S: * 2 EXPUNGE\nS: * 9 EXISTS\nS: * VANISHED 21\n"
               "S: * 1 FETCH (UID 22 FLAGS (\\Flagged))",
               capabilities=QRESYNC)
    one.start()
    one.shows(11, 12, 13, 14)
    one.idles()
    change_folder(one, "Other")
    one.shows(21, 22)
    one.holds(21, 22, mailbox="Other")
    assert "!" not in one.screen.row_of("Message 22").flags
    assert one.mailbox("uidvalidity", "Other") == 7
    for line in one.script.lines():
        if line.startswith("C: ") and "SELECT" in line:
            last = line
    # Nothing about messages goes out between a SELECT and its answer.
    lines = one.script.lines()
    where = lines.index(last)
    tag = last.split(" ")[1]
    between = lines[where + 1:lines.index(
        "S: %s OK [READ-WRITE] done" % tag)]
    assert not [line for line in between if line.startswith("C: ")]


def test_trap_97_failed_select_leaves_nothing_selected(play):
    one = play("when SELECT \"Other\"*\nS: * 7 EXISTS\n"
               "S: * OK [UIDVALIDITY 7] ok\n"
               "S: $tag NO it is broken\nend\n",
               capabilities="IDLE")
    one.start()
    one.shows(11, 12, 13, 14)
    one.idles()
    change_folder(one, "Other")
    one.wait("cannot open mailbox Other: it is broken")
    one.alive()
    before = len(one.script.said("."))
    change_folder(one, "INBOX")
    one.shows(11, 12, 13, 14)
    one.said('SELECT "INBOX"', 2)
    one.idles(2)
    said = one.script.said(".")[before:]
    where = [line.startswith('SELECT "INBOX"') for line in said].index(True)
    for line in said[:where]:
        assert not line.startswith(("UID", "FETCH", "IDLE"))
    assert one.uids("Other") == []
