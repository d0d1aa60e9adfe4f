# SPDX-License-Identifier: GPL-3.0-or-later
"""From the greeting to being signed in: rows 71, 73, 74, 76, 77, 89, 95 and 99
of the list of traps. The number in a name is the row's."""

import pytest
from messages import ordinary

CONFIG = "set imap_pass = 'corr3ct'\nset folder = imap://anna@mail.example\n"
HELLO = "S: * OK [CAPABILITY IMAP4rev1 %s] hello\n"
LOGIN = "C: LOGIN *\n%s\n"


def signing_in(play, answers, offered="", quirks="", config=CONFIG, **keys):
    """A server that greets, hears LOGIN and says this; then it serves."""
    keys.setdefault("capabilities", "IDLE")
    return play(script=HELLO % offered + LOGIN % answers
                + ordinary(quirks, greeting=False, **keys), config=config)


@pytest.mark.parametrize("text", [
    "[ALERT] Too many simultaneous connections. (Failure)",
    "[UNAVAILABLE] Maximum number of connections from user+IP exceeded",
    "[LIMIT] too many connections"])
def test_trap_71_too_many_connections(play, text):
    """That is not the password's fault: it is not asked for, and the next
    try is half a minute away."""
    one = play(script=HELLO % "" + LOGIN % ("S: $tag NO " + text) + "serve",
               config=CONFIG)
    one.start(columns=200)
    one.wait(text.split("] ")[1][:30] + ".*next try in [2-4][0-9]")
    one.alive()
    assert "Password" not in one.screen.text()
    assert len(one.script.said("LOGIN")) == 1
    assert one.script.connections() == 1


def test_trap_73_authenticated_but_not_connected(play):
    one = signing_in(play, "S: $tag OK LOGIN completed.", quirks="".join(
        "when %s\nS: $tag BAD User is authenticated but not connected.\nend\n"
        % command for command in ("SELECT *", "LIST *", "STATUS *")))
    one.start()
    one.wait("authenticated but not connected")
    one.alive()
    one.screen.settle(0.5)
    assert one.script.connections() <= 2
    assert len(one.script.said("LOGIN")) <= 2
    assert len(one.script.said(".")) < 20


@pytest.mark.parametrize("answer", [
    "BAD Request is throttled. Suggested Backoff Time: 45000 milliseconds",
    "NO [THROTTLED] Suggested Backoff Time: 45000 milliseconds"])
def test_trap_74_suggested_backoff(play, answer):
    one = play(script=HELLO % "" + LOGIN % ("S: $tag " + answer) + "serve",
               config=CONFIG)
    one.start(columns=200)
    one.wait("Suggested Backoff Time.*next try in [345][0-9]")
    one.alive()
    assert one.script.connections() == 1


@pytest.mark.parametrize("user", ["exchange.example/anna/shared",
                                  r"DOM\anna", 'an"na@example.org'])
def test_trap_76_user_names_of_exchange(play, user):
    one = signing_in(play, "S: $tag OK", config=(
        "set imap_pass = 'corr3ct'\nset imap_user = '%s'\n" % user))
    one.start()
    one.shows(11, 12, 13, 14)
    quoted = user.replace("\\", "\\\\").replace('"', '\\"')
    assert one.script.said("LOGIN") == ['LOGIN "%s" "corr3ct"' % quoted]


def test_trap_77_id_before_the_first_select(play):
    """With name and version, and nothing else of the user."""
    one = signing_in(play, "S: $tag OK [CAPABILITY IMAP4rev1 ID IDLE] in",
                     quirks="""
when SELECT *
S: $tag NO SELECT Unsafe Login. Please contact kefu@188.com for help
end
when ID *
S: * ID ("name" "x")
S: $tag OK
when SELECT *
S: * 4 EXISTS
S: * OK [UIDVALIDITY 1] so
S: $tag OK
end
end
""")
    one.start()
    one.shows(11, 12, 13, 14)
    said = one.script.said("^ID ")
    assert len(said) == 1
    assert said[0].startswith('ID ("name" "smew" "version" "')
    assert said[0].count('"') == 8


@pytest.mark.parametrize("offered", [
    "LITERAL + AUTH=PLAIN-X", "(odd) \"tokens\" {3} AUTH=  ) IDLE(",
    "X" * 3000, "imap4REV1 Auth=xoauth"])
def test_trap_89_odd_capabilities(play, offered):
    """They are asked for again after the login: IDLE came with it."""
    one = signing_in(play, "S: $tag OK in", offered)
    one.start()
    one.shows(11, 12, 13, 14)
    one.idles()
    said = one.script.said(".")
    assert "CAPABILITY" in said[said.index(
        [line for line in said if line.startswith("LOGIN")][0]):]


def test_trap_89_capabilities_that_go_with_the_login(play):
    """What was offered before it is not used when it is not offered after."""
    one = signing_in(play, "S: $tag OK [CAPABILITY IMAP4rev1] in",
                     "IDLE ID NAMESPACE ENABLE QRESYNC CONDSTORE LIST-EXTENDED")
    one.start()
    one.shows(11, 12, 13, 14)
    one.said("STATUS")
    assert not one.script.said("IDLE|^ID |NAMESPACE|ENABLE|CONDSTORE|RETURN")


@pytest.mark.parametrize("greeting", ["* BYE go away, I am full",
                                      "* NO go away, I am full",
                                      "* BAD go away, I am full"])
def test_trap_95_turned_away_in_the_greeting(play, greeting):
    one = play(script="S: %s\nstall" % greeting)
    one.start()
    one.wait("offline.*go away, I am full")
    assert one.screen.text().count("I am full") == 1
    one.alive()
    assert one.script.said(".") == []
    assert one.script.connections() <= 2


def test_trap_99_referrals_are_not_followed(play):
    one = signing_in(
        play, "S: $tag NO [REFERRAL imap://anna;AUTH=*@evil.example/] try "
        "\x1b[31mthe other one", quirks="")
    one.start()
    one.wait("the other one - Password for")
    assert "evil.example" not in one.screen.text()
    assert one.script.connections() <= 2
    assert b"\x1b[31mthe" not in one.screen.raw


def test_trap_99_alerts_and_referrals_later(play):
    one = signing_in(play, "S: $tag OK [REFERRAL imap://evil.example/] in",
                     quirks="""
once SELECT *
S: * OK [ALERT] pay \x1b]0;title\x07your \u202ebill
S: * 4 EXISTS
S: * OK [UIDVALIDITY 1] so
S: $tag OK
end
when SELECT "Other"
S: $tag NO [REFERRAL imap://evil.example/Other] it has moved
end
""")
    one.start()
    one.wait("pay .*your .*bill")
    assert b"\x1b]0;title" not in one.screen.raw
    assert "\u202e" not in one.screen.raw.decode("utf-8", "replace")
    one.shows(11, 12, 13, 14)
    one.screen.send("cOther\r")
    one.wait("it has moved")
    assert one.script.connections() == 1
