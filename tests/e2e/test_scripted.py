# SPDX-License-Identifier: GPL-3.0-or-later
"""The scripted server itself: a client in Python plays against it."""

import subprocess
import time

import pytest
from scripted import Script, ScriptError, parse


class Peer:
    """A client of a script, over pipes."""

    def __init__(self, script):
        self.script = script
        self.process = subprocess.Popen(
            script.tunnel, shell=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(20)
        self.process.stdout.close()

    def say(self, text):
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def line(self):
        return self.process.stdout.readline().decode()

    def rest(self):
        return self.process.stdout.read()


def play(text, tmp_path):
    return Peer(Script(text, tmp_path))


def test_dialogue(tmp_path):
    with play("""
# a comment
S: * OK ready
C: LOGIN * "pass"
S: $tag OK welcome, $$5
""", tmp_path) as peer:
        assert peer.line() == "* OK ready\r\n"
        peer.say('a1 login anna "PASS"\r\n')
        assert peer.line() == "a1 OK welcome, $5\r\n"
    assert peer.script.lines()[-1] == "ok"
    assert peer.script.said("anna") == ['login anna "PASS"']


def test_wrong_command_fails_with_the_line(tmp_path):
    with play("S: * OK hi\nC: SELECT INBOX\n", tmp_path) as peer:
        peer.line()
        peer.say("x EXAMINE INBOX\r\n")
        assert peer.line() == "x BAD not in the script\r\n"
    assert len(peer.script.failures()) == 1
    assert ":2: expected SELECT INBOX" in peer.script.failures()[0]


def test_client_that_leaves_too_early_fails(tmp_path):
    with play("S: * OK hi\nC: NOOP\n", tmp_path) as peer:
        peer.line()
    assert "went away" in peer.script.failures()[0]


def test_waiting_has_a_limit(tmp_path):
    with play("limit 0.1\nC: NOOP\n", tmp_path) as peer:
        assert peer.rest() == b""
    assert "in vain" in peer.script.failures()[0]


def test_star_is_any_text_and_brackets_are_themselves(tmp_path):
    with play("C: FETCH 1:* BODY[*]\nS: $tag OK\n", tmp_path) as peer:
        peer.say("1 FETCH 1:* BODY[HEADER]\r\n")
        assert peer.line() == "1 OK\r\n"


def test_regex_captures(tmp_path):
    with play(r"""
C~ UID FETCH (?P<uid>\d+) .*
S: * 1 FETCH (UID $uid FLAGS (\Seen))
S: $tag OK
""", tmp_path) as peer:
        peer.say("q uid fetch 42 (FLAGS)\r\n")
        assert peer.line() == "* 1 FETCH (UID 42 FLAGS (\\Seen))\r\n"


@pytest.mark.parametrize("plus", ["", "+"])
def test_client_literals(tmp_path, plus):
    with play('C: LOGIN "anna" *\nS: $tag OK\n',
              tmp_path) as peer:
        peer.say("t LOGIN {4%s}\r\n" % plus)
        if not plus:
            assert peer.line().startswith("+ ")
        peer.say("anna {3%s}\r\n" % plus)
        if not plus:
            assert peer.line().startswith("+ ")
        peer.say("abc\r\n")
        assert peer.line() == "t OK\r\n"
    assert peer.script.failures() == []


def test_pipelined_tags(tmp_path):
    with play("C one: FETCH 1 *\nC two: FETCH 2 *\nS: $two OK\nS: $one OK\n",
              tmp_path) as peer:
        peer.say("A FETCH 1 UID\r\nB FETCH 2 UID\r\n")
        assert peer.line() == "B OK\r\n"
        assert peer.line() == "A OK\r\n"


def test_when_optional_and_defaults(tmp_path):
    text = """
when STATUS *
S: * STATUS x (MESSAGES 1)
S: $tag OK
end
optional
C: ENABLE *
S: $tag OK enabled
end
C: SELECT INBOX
S: $tag OK selected
"""
    with play(text, tmp_path) as peer:
        peer.say("1 NOOP\r\n")
        peer.say("2 SELECT INBOX\r\n")
        assert peer.line() == "1 OK done\r\n"
        assert peer.line() == "2 OK selected\r\n"
    with play(text, tmp_path) as peer:
        peer.say("1 ENABLE QRESYNC\r\n2 STATUS INBOX (MESSAGES)\r\n"
                 "3 SELECT INBOX\r\n")
        lines = [peer.line() for _ in range(4)]
    assert lines == ["1 OK enabled\r\n", "* STATUS x (MESSAGES 1)\r\n",
                     "2 OK\r\n", "3 OK selected\r\n"]
    assert peer.script.failures() == []


def test_strict_forgets_the_defaults(tmp_path):
    with play("strict\nC: SELECT *\n", tmp_path) as peer:
        peer.say("1 NOOP\r\n")
        assert "BAD" in peer.line()


def test_once_is_for_the_first(tmp_path):
    with play("when NOOP\nS: $tag OK always\nend\n"
              "once NOOP\nS: $tag OK first\nend\nserve\n",
              tmp_path) as peer:
        for tag, answer in (("a", "first"), ("b", "always"), ("c", "always")):
            peer.say(tag + " NOOP\r\n")
            assert peer.line() == "%s OK %s\r\n" % (tag, answer)


def test_await_and_go(tmp_path):
    with play("S: one\nawait word\nS: two\n", tmp_path) as peer:
        assert peer.line() == "one\r\n"
        peer.script.go("word")
        assert peer.line() == "two\r\n"


def test_refused_literal(tmp_path):
    with play("refuse NO never\nC: NOOP\nS: $tag OK\n", tmp_path) as peer:
        peer.say("a LOGIN {4}\r\n")
        assert peer.line() == "a NO never\r\n"
        peer.say("b NOOP\r\n")
        assert peer.line() == "b OK\r\n"
    assert peer.script.failures() == []


def test_messages(tmp_path):
    with play(r"""
has 11 12 20
item 12 FLAGS (\Answered)
message 20
Subject: x

y
.
poison 11 NO [SERVERBUG] bug
when FETCH *
rows
S: $tag OK $exists $uidnext $uids
end
when UID FETCH *
rows
S: $tag OK
end
serve
""", tmp_path) as peer:
        peer.say("a FETCH 2:3 (UID FLAGS)\r\n")
        assert [peer.line() for _ in range(3)] == [
            "* 2 FETCH (UID 12 FLAGS (\\Answered))\r\n",
            "* 3 FETCH (UID 20 FLAGS (\\Seen))\r\n",
            "a OK 3 21 11 12 20\r\n"]
        peer.say("b UID FETCH 13:* (UID BODY.PEEK[TEXT] RFC822.SIZE)\r\n")
        assert peer.line() == "* 3 FETCH (UID 20 BODY[TEXT] {3}\r\n"
        assert peer.line() == "y\r\n"
        assert peer.line() == " RFC822.SIZE 17)\r\n"
        assert peer.line() == "b OK\r\n"
        peer.say("c UID FETCH 1:12 (FLAGS)\r\n")
        assert peer.line() == "c NO [SERVERBUG] bug\r\n"
        peer.say("d UID FETCH 1:* (FLAGS) (CHANGEDSINCE 5)\r\n")
        assert peer.line().startswith("d NO")


def test_idle_inside_when(tmp_path):
    with play("when IDLE\nS: + idling\nc: DONE\nS: $tag OK\nend\nserve\n",
              tmp_path) as peer:
        for tag in ("a", "b"):
            peer.say(tag + " IDLE\r\n")
            assert peer.line() == "+ idling\r\n"
            peer.say("DONE\r\n")
            assert peer.line() == tag + " OK\r\n"
    assert peer.script.lines()[-1] == "ok"


def test_literal_raw_and_fill(tmp_path):
    with play("""raw: * 1 FETCH (BODY[] \\x41
literal
Subject: x

.
S: )
fill 100000 (
raw: \\r\\n
""", tmp_path) as peer:
        data = peer.rest()
    assert data == (b"* 1 FETCH (BODY[] A{14}\r\nSubject: x\r\n\r\n)\r\n"
                    + b"(" * 100000 + b"\r\n")


def test_fill_forever_ends_with_the_client(tmp_path):
    with play("fill forever x\n", tmp_path) as peer:
        assert peer.process.stdout.read(1 << 20) == b"x" * (1 << 20)
        peer.process.stdout.close()
        assert peer.process.wait(20) == 0
        peer.process.stdout = open("/dev/null", "rb")
    assert peer.script.lines()[-1] == "ok"


def test_repeat_counts(tmp_path):
    with play("repeat 3\nS: * $i EXISTS\nend\n", tmp_path) as peer:
        assert peer.rest() == b"* 1 EXISTS\r\n* 2 EXISTS\r\n* 3 EXISTS\r\n"


def test_dribble(tmp_path):
    with play("dribble 1 2\nS: * OK slowly\n", tmp_path) as peer:
        start = time.monotonic()
        assert peer.rest() == b"* OK slowly\r\n"
        assert time.monotonic() - start >= 0.02


def test_stall_cut_closed(tmp_path):
    with play("stall 0.05\nS: * BYE\ncut\nS: never\n", tmp_path) as peer:
        assert peer.rest() == b"* BYE\r\n"
    with play("stall\n", tmp_path) as peer:
        peer.say("1 NOOP\r\n")
    assert peer.script.lines()[-1] == "ok"
    with play("closed\n", tmp_path) as peer:
        peer.say("1 NOOP\r\n")
    assert peer.script.lines()[-1] == "ok"


def test_one_part_for_each_connection(tmp_path):
    script = Script("S: first\n====\nS: second\n", tmp_path)
    said = []
    for _ in range(3):
        with Peer(script) as peer:
            said.append(peer.rest())
    assert said == [b"first\r\n", b"second\r\n", b"second\r\n"]
    assert script.connections() == 3 and script.ended() == 3


@pytest.mark.parametrize("text", [
    "nonsense", "end", "repeat 3\nS: x", "literal\nabc", "S~ x", "serve now",
    "when"])
def test_mistakes_in_a_script_are_errors(text):
    with pytest.raises(ScriptError):
        parse(text)
