# SPDX-License-Identifier: GPL-3.0-or-later
"""Rights and quota of the open mailbox: on Dovecot with acl and quota, and on
servers that say odd things about them (row 100 of the list of traps)."""


import pytest
from plugins import PluginDovecot, log_of
from sample import Sample

LIMIT = 40
MAIL = b"From: Rita <rita@example.org>\nSubject: %s\n\nhello\n"
ACLS = {
    "Family": "lr",
    "Archive": "lrsi",
    "Drafts": "lrswi",          # all but deleting
    "Sent": "lrswtei",
}


@pytest.fixture(scope="module")
def net():
    with PluginDovecot(ACLS) as server:
        server.fill(Sample(size=20))
        for name in ACLS:
            server.deliver(MAIL % (b"in " + name.encode()), name)
        server.deliver(MAIL % b"large" + b"x" * 76 * 100 + b"\n" +
                       (b"y" * 75 + b"\n") * 5000, "Trash")
        yield server


@pytest.fixture
def opened(net, make_client):
    client = make_client(config=net.settings())
    with client.start("-d", "3", "-l", client.home + "/log",
                      columns=140) as screen:
        screen.wait_index(10)
        screen.client = client
        yield screen


def go_to(screen, name, status):
    screen.send("c=%s\r" % name)
    screen.wait_for("in %s" % name, LIMIT)
    screen.wait_for(r"smew: %s%s \[" % (name, status), LIMIT)
    screen.send("*")
    screen.wait_for(lambda s: s.current() and
                    "in %s" % name in s.current().subject)


def test_what_one_may_not_is_said_before_one_tries(opened):
    go_to(opened, "Family", r" \(read-only\)")
    opened.send("d")
    opened.wait_for("Mailbox is read-only")
    go_to(opened, "Archive", r" \(no deleting, no flags\)")
    opened.send("d")
    opened.wait_for("no right to delete messages here")
    opened.send("F")
    opened.wait_for("no right to change flags here")
    opened.send("s=Sent\r")
    opened.wait_for("no right to remove messages from here")
    go_to(opened, "Drafts", r" \(no deleting\)")
    opened.send("F")
    opened.wait_for(lambda s: "!" in s.row_of("in Drafts").flags)
    opened.send("F*d")
    opened.wait_for("no right to delete messages here")
    go_to(opened, "Sent", "")
    opened.send("d")
    opened.wait_for(lambda s: "D" in s.row_of("in Sent").flags)
    opened.send("u")
    opened.wait_for(lambda s: "D" not in s.row_of("in Sent").flags)
    # Nothing of what was said was tried.
    assert "NO " not in [line for line in log_of(opened).split("\n")
                         if " < " in line and "UID STORE" in line]


def test_quota_is_shown_where_it_is_scarce(opened):
    opened.wait_for(r"Quota:\d+%\]", LIMIT)
    opened.send(":set status_format='%f quota %q %Q.'\r")
    opened.wait_for(r"INBOX quota \d+% [\d.]+[KM]/1\.0M\.", LIMIT)
    log = log_of(opened)
    assert log.count("GETQUOTAROOT") == 1
    assert log.count("MYRIGHTS") <= 2
    # The first rows do not wait for it.
    assert log.index(" FETCH ") < log.index("GETQUOTAROOT")


# ---- by script ----

ASKED = r"""
when MYRIGHTS *
%s
S: $tag OK done
end
when GETQUOTAROOT *
%s
S: $tag OK done
end
"""
CAPS = "IDLE QUOTA ACL"


def asked(play, rights, *quota, **keywords):
    quirks = ASKED % ("S: * MYRIGHTS INBOX %s" % rights if rights else
                      "S: * OK nothing",
                      "\n".join("S: * " + line for line in quota) or
                      "S: * OK nothing")
    keywords.setdefault("capabilities", CAPS)
    one = play(quirks, **keywords)
    one.start(columns=140)
    one.idles()
    return one


def test_nothing_is_asked_where_nothing_is_offered(play):
    one = asked(play, "lrswitea", capabilities="IDLE")
    one.said("^LIST")
    one.idles()
    assert not one.script.said("MYRIGHTS|GETQUOTAROOT")


@pytest.mark.parametrize("rights, status", [
    ("lrswipkxtecda", r"smew: INBOX \["),
    ("lrswicda", r"smew: INBOX \["),            # RFC 2086: d is t and e
    ("lrswi", r"smew: INBOX \(no deleting\) \["),
    ("lrwite", r"smew: INBOX \(stays unread\) \["),
    ("lrswte", r"smew: INBOX \(no adding\) \["),
    ("lr", r"smew: INBOX \(read-only\) \["),
    ('""', r"smew: INBOX \(read-only\) \["),
])
def test_rights_in_the_status(play, rights, status):
    one = asked(play, rights)
    one.said("MYRIGHTS")
    one.wait(status)


@pytest.mark.parametrize("answer", ["NO not for you", "BAD what",
                                    "NO [NOPERM] no"])
def test_refused_questions_do_not_matter(play, answer):
    one = play("when MYRIGHTS *\nS: $tag %s\nend\nwhen GETQUOTAROOT *\n"
               "S: $tag %s\nend\n" % (answer, answer), capabilities=CAPS)
    one.start(columns=140)
    one.said("GETQUOTAROOT")
    one.idles()
    one.shows(11, 12, 13, 14)
    assert "read-only" not in one.screen.text()
    assert one.script.connections() == 1
    one.alive()


@pytest.mark.parametrize("lines, shown", [
    # u64 and more; a resource that is no number costs itself alone
    (('QUOTAROOT INBOX ""',
      'QUOTA "" (STORAGE 13510798882111488 18014398509481984)'), r"75%"),
    (('QUOTAROOT INBOX ""', 'QUOTA "" (STORAGE 95 100 X -1 z)'), "95%"),
    (('QUOTAROOT INBOX ""',
      'QUOTA "" (X 18446744073709551616 2 MESSAGE 90 100)'), "90%"),
    # the fullest of several counts
    (('QUOTAROOT INBOX "a" "b c"', 'QUOTA "b c" (STORAGE 80 100)',
      'QUOTA a (STORAGE 10 100 MESSAGE 50 100)'), "80%"),
    # of another mailbox, of a root that is not ours
    (('QUOTAROOT Other "a"', 'QUOTA "a" (STORAGE 99 100)'), None),
    (('QUOTAROOT INBOX "a"', 'QUOTA "b" (STORAGE 99 100)'), None),
    (('QUOTAROOT INBOX "a"', 'QUOTA "a" (STORAGE 10 100)'), None),
    (('QUOTAROOT INBOX', 'QUOTA "" ()'), None),
])
def test_trap_100_quota(play, lines, shown):
    one = asked(play, None, *lines)
    one.said("GETQUOTAROOT")
    one.idles()
    if shown:
        one.wait("Quota:" + shown)
    else:
        one.alive()
        assert "Quota:" not in one.screen.text()


def test_warned_once_when_nearly_full(play):
    one = asked(play, None, 'QUOTAROOT INBOX ""',
                'QUOTA "" (STORAGE 475000 500000)')
    one.wait(r"The quota is used up to 95%: 463\.9.MiB of 488\.3.MiB\.")
    one.screen.send("j")
    one.wait(lambda s: "used up" not in s.text())
    # Asked again, as full as before.
    one.screen.send(":exec check-new\r")
    one.said("GETQUOTAROOT", 2)
    one.idles(2)
    one.alive()
    assert "used up" not in one.screen.text()
    assert one.wait("Quota:95%")


def test_rights_of_a_mailbox_with_an_odd_name(play):
    one = play("when LIST *\nS: * LIST () \"/\" INBOX\nS: * LIST () \"/\" "
               "\"My Box\"\nS: $tag OK\nend\nwhen MYRIGHTS *\n"
               "S: * MYRIGHTS My Box lr\nS: $tag OK\nend\n",
               capabilities="IDLE ACL")
    one.start(columns=140)
    one.idles()
    one.wait("My Box")
    # What is said of another mailbox does not count here.
    one.wait(r"smew: INBOX \[")
    one.screen.send("c=My Box\r")
    one.wait(r"smew: My Box \(read-only\) \[")
