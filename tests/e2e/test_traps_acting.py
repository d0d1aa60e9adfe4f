# SPDX-License-Identifier: GPL-3.0-or-later
"""Acting on messages: rows 62 to 69, 82 and 83 of the list of traps, and
what a server may say against it. The number in a name is the row's."""

import re

import pytest
from acting import journal_path, query
from messages import ordinary

FULL = "IDLE UIDPLUS MOVE"
LISTED = r"""
when LIST *
S: * LIST (\HasNoChildren) "/" INBOX
S: * LIST (\HasNoChildren) "/" Other
S: * LIST (\HasNoChildren \Junk) "/" Spam
S: $tag OK done
end
when STATUS *
S: * STATUS Other (MESSAGES 0 UNSEEN 0 UIDNEXT 70 UIDVALIDITY 1)
S: $tag OK done
end
"""
TEXT = """message %d
Date: Fri, 20 Nov 2026 10:00:00 +0000
From: Ann Example <ann@example.org>
To: anna@example.org
Subject: Message 12
Message-ID: <12@example.org>

Body of 12%s
.
"""
# The message 12 in its new place, and another one with that Message-ID.
OTHER = TEXT % (77, "") + TEXT % (78, " but longer") + r"""
when SELECT "Other"*
has 77 78
S: * 2 EXISTS
S: * OK [UIDVALIDITY 1] valid
S: * OK [UIDNEXT 79] next
S: $tag OK [READ-WRITE] selected
end
"""
OK = "when %s\nS: $tag OK done\nend\n"
MOVED = r"""
when UID MOVE *
S: * 2 EXPUNGE
S: $tag OK %s done
has 11 13 14
end
"""
COPIED = "when UID COPY *\nS: $tag OK %s done\nend\n"
REMOVED = "when UID EXPUNGE *\nS: * 2 EXPUNGE\nS: $tag OK done\nend\n"


def started(play, quirks, capabilities=FULL, config="", **keywords):
    one = play(LISTED + quirks, capabilities=capabilities,
               config="set sidebar_visible = yes\n" + config, **keywords)
    one.start()
    one.idles()
    one.wait("Spam")
    return one


def move(one, number, target="Other"):
    one.screen.send("%d\rs\x15=%s\r" % (number, target))


def acts(one):
    """What was said that changes something, or asks what will be changed."""
    return [line.split(" (")[0] for line in one.script.said(
        "^(UID (MOVE|COPY|STORE|EXPUNGE|SEARCH)|EXPUNGE|CLOSE)")]


# ---- flags ----

def test_trap_62_flags_that_are_not_kept(play):
    one = started(play, MOVED % "" + r"""
when SELECT *
S: * FLAGS (\Seen \Answered \Flagged \Deleted \Draft)
S: * OK [PERMANENTFLAGS (\Seen \Deleted)] ok
S: * $exists EXISTS
S: * OK [UIDVALIDITY 1] valid
S: * OK [UIDNEXT $uidnext] next
S: $tag OK [READ-WRITE] selected
end
""")
    one.screen.send("3\rF")
    one.wait("the server keeps no such flag here")
    # Junk is marked as such where that can be kept, and moved anyway.
    one.screen.send("2\rX")
    one.said("^UID MOVE 12 ")
    one.shows(11, 13, 14)
    assert one.script.said("STORE") == []
    one.alive()


@pytest.mark.parametrize("kept, label, flag", [
    (r"\Seen \Deleted", False, False), ("", False, False),
    (r"\Seen \Deleted \Flagged", False, True),
    (r"\Seen work \Flagged", True, True),
    (r"\Seen \Deleted \*", True, False)])
def test_trap_62_what_is_kept(play, kept, label, flag):
    """What would be gone with the next visit is said, and not asked for."""
    one = started(play, OK % "UID STORE *" + r"""
when SELECT *
S: * FLAGS (\Seen \Answered \Flagged \Deleted \Draft work)
S: * OK [PERMANENTFLAGS (%s)] ok
S: * $exists EXISTS
S: * OK [UIDVALIDITY 1] valid
S: * OK [UIDNEXT $uidnext] next
S: $tag OK [READ-WRITE] selected
end
""" % kept)
    one.screen.send("2\rY\x15work\r")
    one.wait("Labels of 1 message changed" if label else
             "the server keeps no label work here")
    one.wait(lambda s: [one.cache("SELECT keywords FROM hdr JOIN msg USING "
                                  "(id) WHERE uid = 12")] ==
             [[("work" if label else "",)]])
    one.screen.send("3\rF")
    if flag:
        one.said(r"^UID STORE 13 \+FLAGS.SILENT \(.Flagged")
    else:
        one.wait("the server keeps no such flag here")
    one.wait(lambda s: not query(journal_path(one.client), "SELECT 1 FROM"
                                 " item WHERE state = 0"))
    assert len(one.script.said("^UID STORE")) == label + flag


# ---- what is put into a mailbox ----

WRITING = """set editor = true
set abort_unmodified = no
set fast_reply = yes
set from = anna@example.org
set postponed = =Other
"""


def postponed(play, quirks):
    one = started(play, quirks, config=WRITING)
    one.screen.send("m")
    one.wait("^To:")
    one.screen.send("rita@example.org\r")
    one.wait("^Subject:")
    one.screen.send("kept\r")
    one.wait("y:Send")
    one.screen.send("P")
    return one


def test_trap_82_no_room_in_words_alone(play):
    """Whatever it says: what was written is here until it is there."""
    one = postponed(play, "when APPEND *\nS: $tag NO over the storage limit\n"
                    "end\n")
    one.wait("could not be stored yet: over the storage limit")
    drafts = query(journal_path(one.client), "SELECT subject FROM outbox")
    assert drafts == [("kept",)]


def test_trap_64_append_without_its_uid(play):
    one = postponed(play, OK % "APPEND *" + "when UID SEARCH *\n"
                    "S: * SEARCH\nS: $tag OK done\nend\n")
    one.said("^APPEND")
    one.idles(2)
    one.alive()
    assert len(one.script.said("^APPEND")) == 1


# ---- where messages went ----

@pytest.mark.parametrize("before, code", [
    ("", "[COPYUID 1 12 77]"), ("* OK [COPYUID 1 12 77] so", ""),
    ("* OK [COPYUID 1 12 77]", "")])
def test_trap_63_copyuid_wherever_it_comes(play, before, code):
    said = "S: %s\n" % before if before else ""
    one = started(play, MOVED.replace("S: * 2", said + "S: * 2", 1) % code +
                  OTHER)
    move(one, 2)
    one.shows(11, 13, 14)
    one.screen.send("_")
    one.said('^UID MOVE 77 "?INBOX')
    assert one.script.said("SEARCH HEADER") == []


@pytest.mark.parametrize("code", ["[COPYUID 1  ]", '[COPYUID 1 "" ""]', "",
                                  "[COPYUID]", "[COPYUID 1 12:13 77]"])
@pytest.mark.parametrize("capabilities", [FULL, "IDLE UIDPLUS"])
def test_trap_63_copyuid_that_says_nothing(play, code, capabilities):
    """Not told where it is, smew looks for it; of two with the same
    Message-ID the size tells which it is."""
    one = started(play, MOVED % code + COPIED % code + REMOVED + OTHER + r"""
when UID SEARCH HEADER *
S: * SEARCH 77 78
S: $tag OK done
end
""", capabilities)
    move(one, 2)
    one.wait(lambda s: one.uids() == [11, 13, 14])
    one.screen.send("_")
    verb = "MOVE" if "MOVE" in capabilities else "COPY"
    one.said('^UID %s 77 "?INBOX' % verb)
    assert len(one.script.said("^UID SEARCH HEADER MESSAGE-ID")) == 1
    assert one.script.said("^UID (MOVE|COPY) 78") == []


# ---- removing ----

@pytest.mark.parametrize("answer", ["NO not here", "BAD what", "NO [CANNOT] no"])
def test_trap_65_uid_expunge_refused(play, answer):
    one = started(play, COPIED % "" +
                  "when UID EXPUNGE *\nS: $tag %s\nend\n" % answer,
                  "IDLE UIDPLUS")
    move(one, 2)
    one.wait("they stay there, marked deleted and hidden here")
    one.shows(11, 13, 14)
    # It is not asked for again, and nothing plain is sent.
    move(one, 2)
    one.said("^UID STORE 13 ")
    one.shows(11, 14)
    one.quit()
    assert acts(one) == [
        'UID COPY 12 "Other"', "UID STORE 12 +FLAGS.SILENT",
        "UID EXPUNGE 12", 'UID COPY 13 "Other"',
        "UID STORE 13 +FLAGS.SILENT"]


@pytest.mark.parametrize("capabilities", ["IDLE", "IDLE UNSELECT"])
def test_traps_66_67_no_uidplus(play, capabilities):
    """No EXPUNGE, and no CLOSE, whatever it would do there."""
    one = started(play, COPIED % "" + OK % "UNSELECT", capabilities)
    move(one, 2)
    one.wait("they stay there, marked deleted and hidden here")
    one.shows(11, 13, 14)
    one.screen.send("c\x15=Other\r")
    one.said('^SELECT "?Other')
    one.quit()
    assert one.script.said("EXPUNGE|CLOSE") == []
    assert [line for line in acts(one)] == [
        'UID COPY 12 "Other"', "UID STORE 12 +FLAGS.SILENT"]


MARKED = "when UID SEARCH DELETED\nS: * SEARCH%s\nS: $tag OK done\nend\n"
GONE = "when EXPUNGE\nS: * 1 EXPUNGE\nS: * 1 EXPUNGE\nS: $tag OK done\nend\n"
LEFT = (r"Remove the 2 marked messages of =INBOX for good \(1 that smew left, "
        r"1 marked by others\)\?")


def left(play, quirks, capabilities="IDLE"):
    """Message 12 was moved and is hidden; whoever asks is asked."""
    one = started(play, COPIED % "" + MARKED % " 11 12" + quirks,
                  capabilities)
    move(one, 2)
    one.shows(11, 13, 14)
    one.wait(lambda s: query(journal_path(one.client), "SELECT 1 FROM item"
                             " WHERE state = 4"))
    one.screen.send(":expunge-marked\r")
    return one


def states(one):
    return query(journal_path(one.client), "SELECT state FROM item")


def test_what_is_marked_goes_when_the_user_says_so(play):
    one = left(play, GONE)
    one.wait(LEFT)
    one.screen.send("y")
    one.wait("2 messages of INBOX are gone")
    one.shows(13, 14)
    one.holds(13, 14)
    assert one.script.said("EXPUNGE") == ["EXPUNGE"]
    one.wait(lambda s: states(one) == [(1,)])


def test_what_is_marked_stays_when_the_user_says_no(play):
    one = left(play, GONE)
    one.wait(LEFT)
    one.screen.send("n")
    one.alive()
    one.shows(11, 13, 14)
    assert one.script.said("EXPUNGE") == []
    assert states(one) == [(4,)]


def test_more_is_marked_than_was_agreed_on(play):
    one = left(play, GONE + "once UID SEARCH DELETED\nS: * SEARCH 12\n"
               "S: $tag OK done\nend\n")
    one.wait(r"Remove the 1 marked message of =INBOX for good \(1 that smew")
    one.screen.send("y")
    one.wait("cannot expunge mailbox INBOX: there are 2 messages by now, not")
    assert one.script.said("EXPUNGE") == []


def test_expunge_is_refused(play):
    one = left(play, "when EXPUNGE\nS: $tag NO never\nend\n")
    one.wait(LEFT)
    one.screen.send("y")
    one.wait("cannot expunge mailbox INBOX: never")
    one.shows(11, 13, 14)
    assert states(one) == [(4,)]


def test_marks_of_others_go_by_uid_where_they_can(play):
    one = started(play, MARKED % " 11 14" + OK % "UID EXPUNGE *",
                  "IDLE UIDPLUS")
    one.screen.send(":expunge-marked =INBOX\r")
    one.wait(r"Remove the 2 messages marked deleted in =INBOX for good\?")
    one.screen.send("y")
    one.wait("2 messages of INBOX are gone")
    one.holds(12, 13)
    assert one.script.said("EXPUNGE") == ["UID EXPUNGE 11,14"]


def test_nothing_is_marked(play):
    one = started(play, MARKED % "")
    one.screen.send(":expunge-marked\r")
    one.wait("No message of =INBOX is marked deleted")
    one.screen.send(":expunge-marked =Other\r")
    one.wait("No message of =Other is marked deleted")


def test_trap_68_only_what_was_copied_is_removed(play):
    one = started(play, COPIED % "[COPYUID 1 12 77]" + REMOVED,
                  "IDLE UIDPLUS")
    one.screen.send("2\rt3\rt;s\x15=Other\r")
    one.wait("refused: the server did not copy it")
    one.said("^UID EXPUNGE 12$")
    one.holds(11, 13, 14)
    assert acts(one) == [
        'UID COPY 12:13 "Other"', "UID STORE 12 +FLAGS.SILENT",
        "UID EXPUNGE 12"]
    # What the target had before was asked for before.
    order = [line.split(" ")[0] + line.split(" ")[1] for line in
             one.script.said('^(STATUS "Other" .UIDNEXT.|UID COPY)')]
    assert order == ['STATUS"Other"', "UIDCOPY"]


def test_trap_69_many_in_portions(play):
    count = 2600
    one = started(play, r"""
when UID MOVE *
S: $tag OK done
end
""", config="set sort = mailbox-order\n",
                  has=" ".join(str(uid) for uid in range(11, 11 + count)))
    one.wait("Msgs:%d" % count)
    one.screen.send("T~A\r;s\x15=Other\r")
    one.said("^UID MOVE", 3)
    one.wait(lambda s: one.cache("SELECT 1 FROM msg") == [])
    sets = [line.split(" ")[2] for line in one.script.said("^UID MOVE")]
    moved = []
    for part in ",".join(sets).split(","):
        first, _, last = part.partition(":")
        moved += range(int(first), int(last or first) + 1)
    assert sorted(moved) == list(range(11, 11 + count))
    assert len(sets) == 3


def test_trap_83_one_that_is_gone_spoils_all(play):
    """Where FETCH refuses all for one, it is found, and the rest moved."""
    one = started(play, r"""
when UID FETCH 11:14 (*MESSAGE-ID)*
S: $tag NO some are gone
end
when UID FETCH 13:14 (*MESSAGE-ID)*
S: $tag NO some are gone
end
when UID FETCH 13 (*MESSAGE-ID)*
S: $tag OK done
end
when UID MOVE *
S: $tag OK done
end
""")
    one.screen.send("T~A\r;s\x15=Other\r")
    one.wait("refused: the message is gone from the server")
    one.said("^UID MOVE", 2)
    one.wait(lambda s: one.uids() == [])
    assert sorted(acts(one)) == ['UID MOVE 11:12 "Other"',
                                 'UID MOVE 14 "Other"']


# The message 12 becomes a reply to 11, and is 15 then.
LINKED = r"""
message 15
Date: Fri, 20 Nov 2026 10:00:00 +0000
From: Ann Example <ann@example.org>
To: anna@example.org
Subject: Message 12
Message-ID: <12@example.org>
In-Reply-To: <11@example.org>
References: <11@example.org>

Body of 12
.
when APPEND *
S: * 5 EXISTS
has 11 12 13 14 15
S: $tag OK [APPENDUID 1 15] done
end
when UID EXPUNGE 12
S: * 2 EXPUNGE
has 11 13 14 15
S: $tag OK done
end
when UID STORE *
S: $tag OK done
end
"""


def test_a_copy_of_what_was_just_linked(play):
    """It was chosen before the message was made anew: the copy is known by the
    size that it has since, when the answer is lost."""
    one = started(play, LINKED + r"""
message 70
Date: Fri, 20 Nov 2026 10:00:00 +0000
From: Ann Example <ann@example.org>
To: anna@example.org
Subject: Message 12
Message-ID: <12@example.org>
In-Reply-To: <11@example.org>
References: <11@example.org>

Body of 12
.
when UID COPY *
S: $tag OK [COPYUID 1 15 71] done
end
once UID COPY 15 *
cut
end
when SELECT "Other"*
has 70
S: * 1 EXISTS
S: * OK [UIDVALIDITY 1] valid
S: * OK [UIDNEXT 71] next
S: $tag OK [READ-WRITE] selected
end
""")
    one.screen.send(":offline\r")
    one.wait("offline: you said so")
    link(one, 2, 1)
    one.wait("linked to this thread")
    one.screen.send("*")
    one.screen.send("2\rC\x15=Other\r")
    one.wait("copied to Other")
    one.screen.send(":online\r")
    one.said("^UID COPY 15")
    one.wait(lambda s: [state for state, in query(
        journal_path(one.client), "SELECT state FROM item ORDER BY id")]
        == [1, 1], 60)
    assert len(one.script.said("^UID COPY")) == 1


def test_left_while_its_copy_is_looked_at(play):
    """Another mailbox is opened: what the answer tells does not count then, and
    is no proof that the copy is not there."""
    quirks = LISTED + LINKED + r"""
when SELECT "Other"*
S: * 0 EXISTS
S: * OK [UIDVALIDITY 1] x
S: * OK [UIDNEXT 1] x
S: $tag OK [READ-WRITE] done
end
"""
    one = play(script="====\n".join([
        ordinary(quirks + "once UID FETCH 15 (UID INTERNALDATE*\nawait left\n"
                 "rows 15\nS: $tag OK done\nend\n", capabilities=FULL),
        ordinary(quirks, has="11 12 13 14 15", capabilities=FULL)]),
        config="set sidebar_visible = yes\nset imap_connections = 2\n")
    one.start()
    one.idles()
    one.wait("Spam")
    link(one, 2, 1)
    one.said(r"^UID FETCH 15 \(UID INTERNALDATE")
    one.screen.send("c=Other\r")
    one.wait(lambda s: "Other: closed -> selecting" in one.log())
    one.script.go("left")
    one.wait(lambda s: 0 not in [state for state, in query(
        journal_path(one.client), "SELECT state FROM item")], 60)
    assert query(journal_path(one.client),
                 "SELECT state, landed FROM item") == [(1, 15)]
    assert len(one.script.said("^APPEND")) == 1


def test_one_that_goes_while_it_is_fetched(play):
    """For a copy as text: nothing is uploaded, and the reason is said."""
    one = started(play, r"""
once UID FETCH 12 (UID BODY.PEEK[])
S: * 2 EXPUNGE
has 11 13 14
S: $tag OK done
end
""")
    one.screen.send("2\r\x1bC\x15=Other\r")
    one.wait("refused: the message is gone from the server")
    one.shows(11, 13, 14)
    assert one.script.said("APPEND") == []
    one.alive()


# ---- what it may say against it ----

@pytest.mark.parametrize("answer", [
    "NO [OVERQUOTA] mailbox full", "NO [NOPERM] mailbox full",
    "NO [TRYCREATE] mailbox full", "NO mailbox full", "BAD mailbox full",
    "NO [CANNOT] mailbox full", "NO [LIMIT] mailbox full"])
@pytest.mark.parametrize("verb", ["MOVE", "COPY"])
def test_refused_for_good(play, answer, verb):
    """It waits for the user, with the reason; the rest goes on."""
    one = started(play, "when UID %s *\nS: $tag %s\nend\n" % (verb, answer),
                  FULL if verb == "MOVE" else "IDLE UIDPLUS")
    move(one, 2)
    one.wait("1 action was refused: mailbox full")
    one.holds(11, 12, 13, 14)
    one.wait("Message 12")  # is a row again: the third is the one meant
    one.screen.send("3\rF")
    one.said(r"^UID STORE 13 \+FLAGS.SILENT \(.Flagged")
    # What waits would be above it.
    one.wait(lambda s: not query(journal_path(one.client), "SELECT 1 FROM"
                                 " item WHERE state = 0"))
    one.screen.send(":journal\r")
    one.wait("refused +1 message moved to Other")
    one.wait("(?m)^mailbox full")
    assert len(one.script.said("^UID " + verb)) == 1


@pytest.mark.parametrize("answer", [
    "NO [INUSE] not now", "NO [UNAVAILABLE] not now",
    "NO [SERVERBUG] not now"])
def test_refused_for_now(play, answer):
    """It is held and tried again, while the rest goes on."""
    one = started(play, MOVED % "" + "once UID MOVE *\nS: $tag %s\nend\n"
                  % answer)
    move(one, 2)
    one.wait("1 action waits, and is tried again in .*: not now")
    one.screen.send("3\rF")
    one.said("^UID STORE 14 ")
    if answer.startswith("NO [INUSE"):
        # By itself; else when one says so.
        one.said("^UID MOVE 12 ", 2)
    else:
        one.screen.send(":journal\r")
        one.wait("put off +1 message moved to Other")
        one.wait("tried again in .*: not now")
        one.screen.send("r")
        one.said("^UID MOVE 12 ", 2)
        one.wait("done +1 message moved to Other")
        one.screen.send("q")
    one.shows(11, 13, 14)


def test_throttled(play):
    one = started(play, MOVED % "" + "once UID MOVE *\nS: $tag BAD Request is "
                  "throttled. Suggested Backoff Time: 1500 milliseconds\nend")
    move(one, 2)
    one.wait("the server wants to be asked less; going on in")
    one.said("^UID MOVE 12 ", 2)
    one.shows(11, 13, 14)
    assert not re.search("refused", one.screen.text())


def test_read_only(play):
    one = started(play, r"""
when SELECT *
S: * FLAGS (\Seen \Deleted)
S: * $exists EXISTS
S: * OK [UIDVALIDITY 1] valid
S: * OK [UIDNEXT $uidnext] next
S: $tag OK [READ-ONLY] selected
end
""")
    one.wait(r"INBOX \(read-only\)")
    one.screen.send("2\rs")
    one.wait("^Mailbox is read-only")
    one.alive()
    assert acts(one) == []


@pytest.mark.parametrize("answer", ["NO [LIMIT] too many", "NO one is odd"])
def test_one_of_many(play, answer):
    """Fewer are asked for: the number was to blame, or one of them."""
    spoilt = "13" if "odd" in answer else None
    one = started(play, "when UID MOVE *\nS: $tag OK done\nend\n" + "".join(
        'when UID MOVE %s "*\nS: $tag %s\nend\n' % (some, answer)
        for some in ("11:14", *(("13:14", "13") if spoilt else ()))))
    one.screen.send("T~A\r;s\x15=Other\r")
    if spoilt:
        one.wait("1 action was refused: one is odd")
        one.wait(lambda s: one.cache("SELECT uid FROM msg") == [(13,)])
    else:
        one.wait(lambda s: one.cache("SELECT uid FROM msg") == [])
    assert [line.split(" ")[2] for line in acts(one)] == [
        "11:14", "11:12", "13:14", *(("13", "14") if spoilt else ())]


# ---- copies that are not the same as the message ----

def save_as_text(one, number):
    one.screen.send("%d\r\x1bs\x15=Other\r" % number)


def test_text_that_is_refused(play):
    """The original is not marked: there is no copy."""
    one = started(play, "when APPEND *\nS: $tag NO [OVERQUOTA] all is full\n"
                  "end\n")
    save_as_text(one, 2)
    one.wait("refused: .*all is full")
    one.said('^APPEND "?Other')
    one.screen.send("\x0c")
    one.idles()
    assert one.script.said("STORE") == []
    assert query(journal_path(one.client), "SELECT state, count(*) FROM item"
                 " GROUP BY 1") == [(2, 2)]
    # What is dropped takes along what waited for it.
    one.screen.send(":journal\r")
    one.wait("2 refused")
    one.screen.send("jd")
    one.wait("Journal: 0 waiting, 0 refused")
    one.screen.send("q")
    one.alive()


def link(one, child, parent):
    one.screen.send("%d\rt%d\r&" % (child, parent))


def test_link_that_is_refused(play):
    """The message stays as it is: there is no other in its place."""
    one = started(play, "when APPEND *\nS: $tag NO [OVERQUOTA] all is full\n"
                  "end\n")
    link(one, 2, 1)
    one.wait("refused: .*all is full")
    (said,) = one.script.said("^APPEND")
    assert re.match('APPEND "?INBOX', said)
    one.screen.send("\x0c")
    one.idles()
    one.shows(11, 12, 13, 14)
    assert one.script.said("STORE|EXPUNGE") == []
    assert query(journal_path(one.client), "SELECT state, count(*) FROM item"
                 " GROUP BY 1") == [(2, 1)]
    one.alive()


def test_link_whose_copy_is_not_there(play):
    """The server says OK and has nothing: nothing is removed."""
    one = started(play, OK % "APPEND *")
    link(one, 2, 1)
    one.wait("refused: .*cannot be found")
    assert len(one.script.said("^APPEND")) == 1
    assert one.script.said("STORE|EXPUNGE") == []
    one.shows(11, 12, 13, 14)
    one.alive()


def test_text_without_uidplus(play):
    """Nobody knows where the copy is: it is not looked for to be removed."""
    one = started(play, OK % "APPEND *" + OK % "UID STORE *", "IDLE")
    save_as_text(one, 2)
    one.said(r"^UID STORE 12 \+FLAGS.SILENT .\\Deleted.")
    assert len(one.script.said('^APPEND "?Other')) == 1
    one.screen.send("_")
    one.wait("the server did not say where the copy is")
    assert one.script.said("EXPUNGE|SEARCH HEADER") == []
    one.alive()
