# SPDX-License-Identifier: GPL-3.0-or-later
"""Mailboxes made, renamed, deleted and emptied on servers of every kind: rows
29, 30, 35, 65, 66 and 70 of the list of traps."""

import pytest
from messages import ordinary

LISTED = "when LIST *\n%s\nS: $tag OK done\nend\n"
OK = "when %s\nS: $tag OK done\nend\n"


def listed(*lines):
    return LISTED % "\n".join("S: * LIST " + line for line in lines)


def started(play, quirks, **keywords):
    keywords.setdefault("capabilities", "IDLE UNSELECT UIDPLUS NAMESPACE")
    one = play(quirks, **keywords)
    one.start()
    one.idles()
    one.said("^LIST|^LSUB")
    return one


def command(one, line, answer):
    one.screen.send(":%s\r" % line)
    one.wait(answer)


COUNTED = ("when STATUS *\nS: * STATUS Old (MESSAGES %s UNSEEN 0)\n"
           "S: $tag OK done\nend\n")
OLD = listed('() "/" INBOX', '() "/" Old')


def test_delete_of_more_than_was_agreed_on(play):
    """What has come since the question was asked is not deleted with it."""
    one = started(play, OLD + OK % "DELETE *" + COUNTED % 5 +
                  "once STATUS *\nS: $tag OK done\nend\n" +
                  "once STATUS *\nS: * STATUS Old (MESSAGES 2 UNSEEN 0)\n"
                  "S: $tag OK done\nend\n")
    one.wait("Old")
    one.said("^STATUS", 1)
    command(one, "delete =Old", r"Delete =Old with 2 messages\?")
    one.screen.send("y")
    one.wait("cannot delete mailbox Old: there are 5 messages by now, not")
    assert not one.script.said("^DELETE")


def test_delete_of_what_may_not_be_looked_into(play):
    one = started(play, OLD + OK % "DELETE *" +
                  "when STATUS *\nS: $tag NO [NOPERM] not you\nend\n")
    one.wait("Old")
    command(one, "delete =Old", r"Delete =Old with all that it has\?")
    one.screen.send("y")
    one.wait("Mailbox Old was deleted")


ORDINARY = {"capabilities": "IDLE UNSELECT UIDPLUS NAMESPACE"}


def there(*names):
    """The answers to LIST for one name; what is not there has none."""
    lines = ['when LIST "" "%s"\nS: $tag OK done\nend\n' % name
             for name in ("Old", "New") if name not in names]
    return "".join(lines + ['when LIST "" "%s"\nS: * LIST () "/" %s\n'
                            'S: $tag OK done\nend\n' % (name, name)
                            for name in names])


def one_after_the_other(play, *connections):
    one = play(script="====\n".join(ordinary(
        OLD + COUNTED % 2 + quirks, **ORDINARY) for quirks in connections))
    one.start()
    one.idles()
    one.wait("Old")
    return one


def test_rename_that_is_cut_off(play):
    """The server has done it, and nobody heard: it is asked."""
    one = one_after_the_other(
        play, OK % "UNSELECT" + "when RENAME *\ncut\nend\n", there("New"))
    one.screen.send("c=Old\r")
    one.wait("smew: Old")
    one.shows(11, 12, 13, 14)
    command(one, "rename =Old =New", "Mailbox Old is called New now")
    one.wait("smew: New")
    one.shows(11, 12, 13, 14)
    one.alive()
    assert len(one.script.said("^RENAME")) == 1


@pytest.mark.parametrize("what, line, answer, before, after", [
    ("CREATE", "create =New", "Mailbox New is there", ["Old"],
     ["Old", "New"]),
    ("RENAME", "rename =Old =New", "Mailbox Old is called New now", ["Old"],
     ["New"]),
    ("DELETE", "delete =Old", "Mailbox Old was deleted", ["Old"], []),
    ("SUBSCRIBE", "subscribe-to =Old", "Subscribed to Old", ["Old"], ["Old"]),
])
@pytest.mark.parametrize("done", [False, True])
def test_what_was_not_answered(play, what, line, answer, before, after, done):
    """It is done once, whether the server heard it or not."""
    one = one_after_the_other(
        play, "when %s *\ncut\nend\n" % what,
        OK % (what + " *") + there(*(after if done else before)))
    one.screen.send(":%s\r" % line)
    if what == "DELETE":
        one.wait(r"Delete =Old with 2 messages\?")
        one.screen.send("y")
    one.wait(answer)
    one.alive()
    assert len(one.script.said("^%s " % what)) == (
        1 if done and what != "SUBSCRIBE" else 2)


NO = "when RENAME *\nS: $tag NO %s\nend\n"


def test_repeated_and_refused(play):
    """The server was slow: when it was asked it had not done it yet."""
    one = one_after_the_other(
        play, "when RENAME *\ncut\nend\n",
        NO % "[NONEXISTENT] no such mailbox" + there("New") +
        'once LIST "" "Old"\nS: * LIST () "/" Old\nS: $tag OK done\nend\n'
        'once LIST "" "New"\nS: $tag OK done\nend\n')
    command(one, "rename =Old =New", "Mailbox Old is called New now")
    assert len(one.script.said("^RENAME")) == 2


def test_refused_after_all(play):
    one = one_after_the_other(play, "when RENAME *\ncut\nend\n",
                              NO % "not today" + there("Old"))
    command(one, "rename =Old =New", "cannot rename mailbox Old: not today")


def test_cut_again_and_again(play):
    one = started(play, OLD + "when CREATE *\ncut\nend\n" + there("Old"))
    one.wait("Old")
    command(one, "create =New", "cannot create mailbox New: the connection "
            "ended")
    assert len(one.script.said("^CREATE")) == 4
    one.alive()


def test_rename_of_the_open_mailbox_on_one_connection(play):
    """It is left first; a server may end the connection otherwise."""
    one = started(play, OLD + OK % "RENAME *" + OK % "UNSELECT" +
                  OK % "STATUS *")
    one.wait("Old")
    one.screen.send("c=Old\r")
    one.wait("smew: Old")
    one.shows(11, 12, 13, 14)
    one.idles(2)
    command(one, "rename =Old =New", "Old is called New now")
    one.wait("smew: New")
    one.said('SELECT "New"')
    said = one.script.said("UNSELECT|RENAME|SELECT")
    assert said[-3:-1] == ["UNSELECT", 'RENAME "Old" "New"']
    one.shows(11, 12, 13, 14)
    one.idles(3)


def test_create_with_a_role(play):
    one = started(play, OK % "CREATE *", capabilities="IDLE SPECIAL-USE "
                  "CREATE-SPECIAL-USE NAMESPACE")
    command(one, "create =Bin trash", "Bin is there")
    assert one.script.said(r'^CREATE "Bin" \(USE \(\\Trash\)\)$')
    command(one, "create =Bin waste", "none of archive, drafts")
    assert len(one.script.said("^CREATE")) == 1


def test_role_where_there_are_none(play):
    one = started(play, OK % "CREATE *")
    command(one, "create =Bin trash", "Bin is there")
    assert one.script.said('^CREATE "Bin"$')


def test_what_somebody_else_has_made_is_there(play):
    one = started(play, "when CREATE *\nS: $tag NO [ALREADYEXISTS] x\nend\n")
    command(one, "create =New", "Mailbox New is there")
    one.alive()


@pytest.mark.parametrize("answer", [
    "NO [OVERQUOTA] not twice", "BAD not twice", "NO not twice"])
def test_refusals_bear_the_servers_words(play, answer):
    one = started(play, "when CREATE *\nS: $tag %s\nend\n" % answer)
    command(one, "create =New", "cannot create mailbox New: not twice")
    assert len(one.script.said("^CREATE")) == 1
    one.alive()


def test_trap_30_prefix_without_namespace(play):
    """Who has no NAMESPACE may want everything below INBOX: once more there."""
    one = started(play, listed(r'(\HasChildren) "." INBOX',
                               '() "." "INBOX.Sent"') + r"""
when CREATE *
S: $tag NO Mailbox name must begin with INBOX.
end
when CREATE "INBOX.*"
S: $tag OK done
end
""", capabilities="IDLE")
    command(one, "create =Work/2026", r"INBOX\.Work\.2026 is there")
    assert one.script.said("^CREATE") == ['CREATE "Work.2026"',
                                          'CREATE "INBOX.Work.2026"']


def test_no_second_try_where_names_stand_alone(play):
    one = started(play, listed('() "." INBOX', '() "." Sent') +
                  "when CREATE *\nS: $tag NO never\nend\n",
                  capabilities="IDLE")
    command(one, "create =Work", "cannot create mailbox Work: never")
    assert len(one.script.said("^CREATE")) == 1


def test_trap_29_flat_names(play):
    """Without a delimiter a name is what it is."""
    one = started(play, "when NAMESPACE\nS: * NAMESPACE ((\"\" NIL)) NIL NIL\n"
                  "S: $tag OK\nend\n" + listed("() NIL INBOX",
                                               '() NIL "a/b"') +
                  OK % "CREATE *" + OK % "RENAME *")
    command(one, "create =x/y.z", r"x/y\.z is there")
    assert one.script.said('^CREATE "x/y.z"$')
    command(one, "rename =a/b =c/d", "a/b is called c/d now")
    assert one.script.said('^RENAME "a/b" "c/d"$')


def test_names_that_have_nothing_below(play):
    one = started(play, listed('() "/" INBOX', r'(\NoInferiors) "/" Leaf') +
                  OK % "CREATE *" + OK % "RENAME *")
    one.wait("Leaf")
    command(one, "create =Leaf/x", "there can be no mailboxes below that")
    command(one, "rename =INBOX =x", "cannot rename mailbox INBOX: INBOX stays")
    assert not one.script.said("^(CREATE|RENAME)")


def test_trap_35_delete_of_what_is_no_mailbox(play):
    """\\Noselect is not asked for a number; it may go all the same."""
    one = started(play, listed('() "/" INBOX',
                               r'(\Noselect \HasChildren) "/" Above',
                               '() "/" "Above/x"') + OK % "DELETE *")
    one.wait("Above")
    command(one, "delete =Above", "Delete =Above, which has no messages, "
            r"keep those below\?")
    one.screen.send("y")
    one.wait("Mailbox Above was deleted")
    assert not one.script.said('^STATUS "Above"')


def test_offline_is_said_at_once(play):
    one = play(script="S: * BYE not today\n")
    one.start()
    one.wait("not today")
    command(one, "create =New", "cannot create mailbox New: offline: .*today")


def test_nothing_is_changed_with_R(play):
    one = play(OK % "CREATE *" + "when EXAMINE *\nS: * 4 EXISTS\n"
               "S: * OK [UIDVALIDITY 1] x\nS: $tag OK [READ-ONLY] done\nend\n",
               capabilities="IDLE")
    one.start("-R")
    one.idles()
    command(one, "create =New", "started to change nothing")
    assert not one.script.said("^CREATE")


def test_subscribed_where_only_those_are_listed(play):
    """With imap_check_subscribed a new one would not be seen otherwise."""
    one = started(play, "when LSUB *\nS: * LSUB () \"/\" INBOX\nS: $tag OK\n"
                  "end\n" + OK % "CREATE *" + OK % "SUBSCRIBE *",
                  config="set imap_check_subscribed\n")
    command(one, "create =New", "New is there")
    one.said('^SUBSCRIBE "New"$')


def test_subscribe_to_what_is_not_listed(play):
    one = started(play, "when LSUB *\nS: * LSUB () \"/\" INBOX\nS: $tag OK\n"
                  "end\n" + OK % "SUBSCRIBE *" + "when UNSUBSCRIBE *\n"
                  "S: $tag NO never was\nend\n",
                  config="set imap_check_subscribed\n")
    command(one, "subscribe-to =Bücher", "Subscribed to Bücher")
    assert one.script.said('^SUBSCRIBE "B&APw-cher"$')
    command(one, "unsubscribe-from =Other", "cannot unsubscribe from mailbox "
            "Other: never was")
    command(one, "subscribe-to =a//b", "cannot subscribe to mailbox a//b: a "
            "level of the name is empty")


def test_trap_36_38_names_go_as_they_came(play):
    """What is listed is not spelled anew, whatever it looks like."""
    wires = ["../../etc/passwd", "Gr\u00fc\u00dfe", "K&ACY-S", "Bad&A", "a%b"]
    one = started(play, listed('() NIL INBOX', *(
        '() NIL "%s"' % wire for wire in wires)) + OK % "SUBSCRIBE *" +
        OK % "DELETE *" + OK % "STATUS *" + "when NAMESPACE\nS: $tag NO\nend\n")
    one.wait("K&S")
    for wire, name in zip(wires, ["../../etc/passwd", "Gr\u00fc\u00dfe", "K&S",
                                  "Bad&A", "a%b"]):
        command(one, "subscribe-to '=%s'" % name,
                "Subscribed to %s" % name.replace(".", r"\."))
        command(one, "delete '=%s'" % name, "Delete =")
        one.screen.send("y")
        one.wait("was deleted")
        assert one.script.said("^SUBSCRIBE")[-1] == 'SUBSCRIBE "%s"' % wire
        assert one.script.said("^DELETE")[-1] == 'DELETE "%s"' % wire


# ---- the trash ----

TRASH = listed('() "/" INBOX', r'(\Trash) "/" Bin', r'(\All) "/" "All Mail"',
               '() "/" Other')
COUNT = ("when STATUS *\nS: * STATUS Bin (MESSAGES %d UNSEEN 0)\n"
         "S: $tag OK done\nend\n")


def emptied(play, quirks, count=4, **keywords):
    one = started(play, TRASH + COUNT % count + OK % "UID STORE *" + quirks,
                  **keywords)
    one.wait("Bin")
    command(one, "empty-trash", r"Remove all [\d,]+ messages of =Bin")
    one.screen.send("y")
    return one


def test_trash_goes_by_uid(play):
    one = emptied(play, OK % "UID EXPUNGE *")
    one.wait("4 messages of Bin are gone")
    assert one.script.said("^UID STORE")[-1] == \
        r"UID STORE 11:14 +FLAGS.SILENT (\Deleted)"
    assert one.script.said("^UID EXPUNGE") == ["UID EXPUNGE 11:14"]
    assert not one.script.said("^(EXPUNGE|CLOSE)")


@pytest.mark.parametrize("quirks, keywords", [
    ("", {"capabilities": "IDLE"}),                     # row 66
    ("when UID EXPUNGE *\nS: $tag BAD no\nend\n", {})])  # row 65
def test_trap_65_66_no_expunge_by_uid(play, quirks, keywords):
    """Then they stay, marked; a plain EXPUNGE is never sent."""
    one = emptied(play, quirks, **keywords)
    one.wait("marked deleted|cannot empty mailbox Bin: no")
    assert one.script.said(r"UID STORE 11:14 \+FLAGS")
    assert not one.script.said("^(EXPUNGE|CLOSE)")
    one.alive()


def test_more_than_was_agreed_on_is_not_removed(play):
    one = emptied(play, OK % "UID EXPUNGE *", count=3)
    one.wait("there are 4 messages by now, not 3: nothing was removed")
    assert not one.script.said("^UID (STORE|EXPUNGE)")


def test_trap_70_all_mail_is_never_emptied(play):
    one = started(play, TRASH + COUNT % 4,
                  config="set trash = '=All Mail'\n",
                  capabilities="IDLE UIDPLUS X-GM-EXT-1 UNSELECT")
    one.wait("All Mail")
    command(one, "empty-trash", "that one is never emptied")
    command(one, "empty-trash '=All Mail'", "that one is never emptied")
    command(one, "empty-trash =Other", "only the trash and junk")
    command(one, "empty-trash =INBOX", "only the trash and junk")
    assert not one.script.said("^UID (STORE|EXPUNGE)")


def test_a_large_trash_goes_in_portions(play):
    """With progress, and ^G ends it between two."""
    has = " ".join(str(n) for n in range(1, 2501))
    one = emptied(play, "when UID EXPUNGE *\nS: $tag OK done\nend\n"
                  "once UID EXPUNGE *\nawait more\nS: $tag OK done\nend\n",
                  count=2500, has=has)
    one.wait(r"Emptying Bin: 0 of 2.?500 \(0%\)")
    one.screen.send("\x07")
    one.alive()
    one.script.go("more")
    one.wait("Stopped: 1000 of 2500 messages of Bin are gone")
    assert one.script.said("^UID EXPUNGE") == ["UID EXPUNGE 1:1000"]


def test_read_only_trash(play):
    one = emptied(play, "when SELECT \"Bin\"\nS: * 4 EXISTS\nS: * OK "
                  "[UIDVALIDITY 1] x\nS: $tag OK [READ-ONLY] done\nend\n")
    one.wait("cannot empty mailbox Bin: the mailbox is read-only")
    assert not one.script.said("^UID (STORE|EXPUNGE)")


def test_trash_that_does_not_open(play):
    one = emptied(play, "when SELECT \"Bin\"\nS: $tag NO closed today\nend\n")
    one.wait("closed today")
    one.alive()
