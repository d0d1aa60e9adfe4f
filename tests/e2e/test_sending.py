# SPDX-License-Identifier: GPL-3.0-or-later
"""Sending without a screen: to Exim with TLS and signing in, to a server that
cuts and refuses, by a program; kills; links."""

import email
import email.policy
import os
import random
import signal
import sqlite3
import subprocess
import time

import pytest

from dovecot import Dovecot
from exim import Exim
from network import PASSWORD
from sample import Sample
from smtp import Smtp

WAITING, SENDING, DELIVERING, UNCERTAIN, REFUSED, SENT, DONE = range(7)
LIMIT = 60


class Batch:
    """smew without a screen, in a home of its own."""

    def __init__(self, program, home, config=""):
        self.program = os.path.abspath(program)
        self.home = str(home)
        self.config = os.path.join(self.home, "smewrc")
        with open(self.config, "w", encoding="utf-8") as out:
            out.write(config)
        self.env = {
            "PATH": os.environ["PATH"], "HOME": self.home,
            "LANG": "C.UTF-8", "TZ": "UTC",
            "XDG_CONFIG_HOME": self.home + "/config",
            "XDG_CACHE_HOME": self.home + "/cache",
            "XDG_STATE_HOME": self.home + "/state",
            "ASAN_OPTIONS": "detect_leaks=0:exitcode=99",
            "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
            "G_DEBUG": "fatal-criticals",
        }

    def start(self, *arguments, **more):
        return subprocess.Popen(
            [self.program, "-n", "-F", self.config, *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=self.env, **more)

    def send(self, *arguments, text=b"Hello.\n", status=0):
        """Returns what it wrote to standard error."""
        process = self.start(*arguments)
        out, err = process.communicate(text, timeout=LIMIT)
        assert process.returncode == status, err
        assert out == b""
        return err.decode()

    def outbox(self):
        """(state, recipients, reason) of each message, oldest first."""
        path = self.home + "/state/smew/default/journal.db"
        with sqlite3.connect("file:%s?mode=ro" % path, uri=True) as db:
            return [(state, to.split("\n"), reason) for state, to, reason in
                    db.execute("SELECT state, rcpt, reason FROM outbox"
                               " ORDER BY id")]

    def kept(self):
        """The messages that are still there, as octets."""
        folder = self.home + "/state/smew/default/outbox"
        found = []
        for name in sorted(os.listdir(folder)):
            if name.endswith(".eml") and not name.startswith("new-"):
                with open(os.path.join(folder, name), "rb") as file:
                    found.append(file.read())
        return found


@pytest.fixture(name="exim", scope="module")
def exim_fixture():
    with Exim() as server:
        yield server


def text_of(mail):
    return mail.get_content().replace("\r\n", "\n")


def parse(data):
    return email.message_from_bytes(data, policy=email.policy.default)


# ---- a real server ----

@pytest.mark.parametrize("scheme", ["smtps", "smtp"])
def test_submission(program, tmp_path, exim, scheme):
    """Encrypted, signed in, everything as it was written."""
    before = len(exim.messages())
    batch = Batch(program, tmp_path, exim.settings(scheme) +
                  "set realname = 'Änna Berg'\n")
    attached = tmp_path / "größe.bin"
    attached.write_bytes(bytes(range(256)) * 40)
    text = "Grüße\n.dot\n..\n.\nFrom here\n" + "x" * 2000 + "\nend\n"
    assert batch.send("-s", "Grüße 漢字", "-c", "cc@example.net",
                      "-b", "blind@example.net", "-a", str(attached), "--",
                      "Bob <bob@example.net>", text=text.encode()) == ""
    octets = exim.wait(before + 1)[-1]
    mail = parse(octets)
    assert mail["Return-Path"] == "<anna@example.org>"
    assert set(mail["Envelope-To"].replace("\n", "").split(", ")) == {
        "bob@example.net", "cc@example.net", "blind@example.net"}
    assert b"esmtpsa" in octets     # TLS, signed in
    assert mail["Bcc"] is None and b"Bcc:" not in octets
    assert mail["From"] == "Änna Berg <anna@example.org>"
    assert mail["To"] == "Bob <bob@example.net>"
    assert mail["Cc"] == "cc@example.net"
    assert mail["Subject"] == "Grüße 漢字"
    body, attachment = mail.iter_parts()
    assert body.get_content() == text
    assert attachment.get_filename() == "größe.bin"
    assert attachment.get_content() == attached.read_bytes()
    assert batch.outbox()[0][0] == DONE
    assert batch.kept() == []


def test_refusals_of_a_server(program, tmp_path, exim):
    before = len(exim.messages())
    batch = Batch(program, tmp_path, exim.settings())
    said = batch.send("refused@example.net", "bob@example.net", status=1)
    assert "no such user here" in said and "outbox" in said
    said = batch.send("grey@example.net", "bob@example.net", status=1)
    assert "greylisted" in said
    # Who was told that it was not sent is not to be surprised later.
    assert [state for state, _, _ in batch.outbox()] == [REFUSED, REFUSED]
    assert len(batch.kept()) == 2
    assert len(exim.messages()) == before


def test_wrong_password(program, tmp_path, exim):
    batch = Batch(program, tmp_path,
                  exim.settings().replace(PASSWORD, "wrong"))
    said = batch.send("bob@example.net", status=1)
    assert "did not let anna in" in said and "wrong" not in said
    assert "Incorrect authentication" in said


def test_no_password(program, tmp_path, exim):
    """Nothing is asked without a screen."""
    config = "".join(line for line in exim.settings().splitlines(True)
                     if "smtp_pass" not in line)
    said = Batch(program, tmp_path, config).send("bob@example.net", status=1)
    assert "smtp_pass_command" in said


def test_password_command(program, tmp_path, exim):
    before = len(exim.messages())
    config = "".join(line for line in exim.settings().splitlines(True)
                     if "smtp_pass" not in line)
    config += "set smtp_pass_command = \"printf '%%s\\\\n' '%s'\"\n" % PASSWORD
    Batch(program, tmp_path, config).send("bob@example.net")
    exim.wait(before + 1)


@pytest.mark.parametrize("mechanism", ["plain", "login", "cram-md5"])
def test_ways_to_sign_in(program, tmp_path, exim, mechanism):
    before = len(exim.messages())
    Batch(program, tmp_path, exim.settings() +
          "set smtp_authenticators = %s\n" % mechanism).send(
              "bob@example.net")
    exim.wait(before + 1)


def test_token(program, tmp_path):
    """One that has ended is renewed, once."""
    with Smtp(auth=True) as server:
        server.tokens = ["new"]
        tokens = tmp_path / "tokens"
        tokens.write_text("old\nnew\n")
        script = tmp_path / "token"
        script.write_text("#!/bin/sh\nhead -n 1 %s\nsed -i 1d %s\n"
                          % (tokens, tokens))
        script.chmod(0o755)
        settings = "".join(line for line in server.settings().splitlines(True)
                           if "smtp_pass" not in line)
        batch = Batch(program, tmp_path, settings +
                      "set smtp_oauth_refresh_command = %s\n" % script)
        batch.send("bob@example.net")
        assert len(server.delivered) == 1 and server.connections == 2
        tokens.write_text("old\n" * 10)
        said = batch.send("bob@example.net", status=1)
        assert "expired" in said and "401" in said
        assert server.connections == 4


@pytest.mark.parametrize("scheme", ["smtps", "smtp"])
def test_untrusted_certificate(program, tmp_path, exim, scheme):
    config = "".join(line for line in exim.settings(scheme).splitlines(True)
                     if "ssl_ca" not in line)
    said = Batch(program, tmp_path, config).send("bob@example.net", status=1)
    assert "certificate" in said
    assert PASSWORD not in said


# ---- cuts ----

def check_fate(server, batch, status, said):
    """Delivered once, or in the outbox and the user told."""
    (state, _, reason), = batch.outbox()
    if status == 0:
        assert len(server.delivered) == 1
        assert state == DONE and said == ""
        return
    assert len(batch.kept()) == 1
    assert reason and "outbox" in said
    if state == REFUSED:
        assert server.delivered == []
    else:
        assert state == UNCERTAIN and "not known" in said
        assert server.begun == 1


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("verb", ["", "EHLO", "AUTH", "MAIL", "RCPT", "DATA",
                                  ".", "QUIT"])
def test_cut_at_each_reply(program, tmp_path, verb, when):
    with Smtp(auth=True) as server:
        batch = Batch(program, tmp_path, server.settings())
        server.cut_at = (verb, when)
        accepted = (verb, when) == (".", "after") or verb == "QUIT"
        process = batch.start("bob@example.net")
        _, said = process.communicate(b"Hello.\n", timeout=LIMIT)
        assert (process.returncode == 0) == accepted, said
        check_fate(server, batch, process.returncode, said.decode())
        connections = server.connections
        # What is in doubt is not repeated by the next one that sends.
        server.cut_at = None
        before = len(server.delivered)
        batch.send("eve@example.net")
        assert server.connections == connections + 1
        assert len(server.delivered) == before + 1


def test_cut_anywhere(program, tmp_path):
    """Some octets of the ways there and back; all of them are cut in
    test-net-smtp."""
    chosen = random.Random(7)
    everywhere = os.environ.get("SMEW_ALL") == "1"
    for n in range(400 if everywhere else 24):
        home = tmp_path / str(n)
        home.mkdir()
        with Smtp(auth=True) as server:
            batch = Batch(program, home, server.settings())
            at = n if everywhere else chosen.randrange(400)
            if n % 2:
                server.cut_in = at
            else:
                server.cut_out = at
            process = batch.start("bob@example.net")
            _, said = process.communicate(b"Hello.\n", timeout=LIMIT)
            check_fate(server, batch, process.returncode, said.decode())


@pytest.mark.parametrize("verb", ["", "EHLO", "AUTH", "MAIL", "RCPT", "DATA",
                                  "."])
def test_refused_at_each_step(program, tmp_path, verb):
    for code in (421, 451, 550):
        home = tmp_path / str(code)
        home.mkdir()
        with Smtp(auth=True) as server:
            batch = Batch(program, home, server.settings())
            server.replies[verb] = [b"%d 4.7.0 because of that" % code]
            said = batch.send("bob@example.net", status=1)
            assert server.delivered == []
            (state, _, reason), = batch.outbox()
            assert state == REFUSED and len(batch.kept()) == 1
            if verb != "EHLO":
                assert "because of that" in said, said
            assert reason


def test_some_recipients_refused(program, tmp_path):
    """Nothing goes to anybody."""
    with Smtp() as server:
        batch = Batch(program, tmp_path, server.settings())
        server.replies["RCPT"] = [b"250 ok", b"550 no such user"]
        said = batch.send("bob@example.net", "eve@example.net", status=1)
        assert "eve@example.net" in said and "no such user" in said
        assert server.delivered == []


@pytest.mark.parametrize("extensions", [
    (), ("SIZE 1000000",), ("8BITMIME",), ("PIPELINING",)])
def test_few_extensions(program, tmp_path, extensions):
    with Smtp(extensions=extensions) as server:
        batch = Batch(program, tmp_path, server.settings())
        batch.send("-s", "Grüße", "bob@example.net", "eve@example.net",
                   text="Grüße.\n".encode())
        mail, = server.delivered
        assert mail.recipients == ["bob@example.net", "eve@example.net"]
        assert mail.data.isascii() and b"BODY=8BIT" not in (
            b"" if "8BITMIME" in extensions else mail.sender)
        assert text_of(parse(mail.data)) == "Grüße.\n"
        assert parse(mail.data)["Subject"] == "Grüße"


def test_address_that_needs_more(program, tmp_path):
    """Without SMTPUTF8 it is refused before anything goes out, and kept."""
    with Smtp(extensions=("8BITMIME",)) as server:
        batch = Batch(program, tmp_path, server.settings())
        said = batch.send("bob@example.net", "grüße@example.net", status=1)
        assert "SMTPUTF8" in said and "grüße@example.net" in said
        assert server.delivered == [] and len(batch.kept()) == 1
        (state, _, reason), = batch.outbox()
        assert state == REFUSED and "SMTPUTF8" in reason
        assert not any(line.startswith((b"MAIL", b"RCPT"))
                       for line in server.dialogue)


def test_options_of_the_envelope(program, tmp_path):
    with Smtp() as server:
        batch = Batch(program, tmp_path, server.settings() +
                      "set dsn_notify = failure,delay\n"
                      "set dsn_return = hdrs\n"
                      "set envelope_from_address = bounces@example.org\n"
                      "set hostname = desk.example.org\n")
        batch.send("b+b@bücher.example")
        mail, = server.delivered
        assert server.dialogue[0] == b"EHLO desk.example.org\r\n"
        assert mail.sender.startswith(b"MAIL FROM:<bounces@example.org> ")
        assert b" RET=HDRS ENVID=<" in mail.sender
        assert mail.lines == [
            b"RCPT TO:<b+b@xn--bcher-kva.example> NOTIFY=FAILURE,DELAY"
            b" ORCPT=rfc822;b+2Bb@xn--bcher-kva.example\r\n"]


# ---- arguments ----

def test_queue(program, tmp_path):
    """Safe in the outbox; the next one that sends takes it along."""
    with Smtp() as server:
        batch = Batch(program, tmp_path, server.settings())
        batch.send("--queue", "-s", "first", "bob@example.net")
        assert server.connections == 0
        assert batch.outbox() == [(WAITING, ["bob@example.net"], "")]
        batch.send("-s", "second", "bob@example.net")
        subjects = [parse(m.data)["Subject"] for m in server.delivered]
        assert "second" in subjects
        assert len(subjects) == len(set(subjects))


def test_draft_and_include(program, tmp_path):
    draft = tmp_path / "draft"
    draft.write_text("To: bob@example.net\nSubject: from a file\n"
                     "X-Mine: yes\nBcc: eve@example.net\n\nText.\n")
    text = tmp_path / "text"
    text.write_text("Other text.\n")
    with Smtp() as server:
        batch = Batch(program, tmp_path, server.settings())
        batch.send("-H", str(draft), "-c", "carl@example.net", text=b"")
        batch.send("-i", str(text), "dora@example.net", text=b"unused")
        first, second = server.delivered
    mail = parse(first.data)
    assert first.recipients == ["bob@example.net", "carl@example.net",
                                "eve@example.net"]
    assert mail["Subject"] == "from a file" and mail["X-Mine"] == "yes"
    assert mail["Bcc"] is None and text_of(mail) == "Text.\n"
    assert text_of(parse(second.data)) == "Other text.\n"


@pytest.mark.parametrize("arguments, why", [
    (["-s", "x"], "recipients"),
    (["not an address"], "address"),
    (["bob@example.net", "-a", "/nonexistent"], "cannot read '/none"),
    (["-i", "/nonexistent", "bob@example.net"], "read"),
    (["bob@example.net\r\nRCPT TO:<eve@example.net>"], ""),
    (["mailto:bob@example.net%0d%0aBcc:eve@example.net"], "mailto"),
    (["mailto:bob@example.net?subject=a%0d%0aBcc:%20eve@example.net"],
     "mailto"),
    (["mailto:bob@example.net?subject=%00"], "mailto"),
])
def test_what_is_wrong(program, tmp_path, arguments, why):
    with Smtp() as server:
        batch = Batch(program, tmp_path, server.settings())
        said = batch.send(*arguments, status=1)
        assert said.startswith("smew: ") and why in said
        assert said.count("\n") == 1
        assert all(b"eve" not in line for line in server.dialogue)
        assert server.delivered == []


def test_mailto(program, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    with Smtp() as server:
        batch = Batch(program, tmp_path, server.settings())
        batch.send("mailto:bob@example.net,carl%40example.net"
                   "?subject=Gr%C3%BC%C3%9Fe&cc=dora@example.net"
                   "&amp;body=one%0D%0Atwo&attach=" + str(secret) +
                   "&ATTACHMENT=" + str(secret) + "&bcc=eve@example.net"
                   "&X-Evil=1&From=eve@example.net", text=b"")
        mail, = server.delivered
    message = parse(mail.data)
    assert mail.recipients == ["bob@example.net", "carl@example.net",
                               "dora@example.net"]
    assert message["Subject"] == "Grüße"
    assert text_of(message) == "one\ntwo\n"
    assert message["X-Evil"] is None
    assert message["From"] == "anna@example.org"
    assert b"secret" not in mail.data


# ---- by a program ----

def test_sendmail(program, tmp_path):
    log, text = tmp_path / "arguments", tmp_path / "text"
    script = tmp_path / "send mail"
    script.write_text("#!/bin/sh\nfor a in \"$@\"; do echo \"$a\"; done"
                      " >%s\ncat >%s\n" % (log, text))
    script.chmod(0o755)
    batch = Batch(program, tmp_path,
                  "set sendmail = \"'%s' -oem -oi\"\nset from ="
                  " anna@example.org\nset use_envelope_from\n" % script)
    evil = "\"a$(touch%%20%s/evil)b\"@example.net" % tmp_path
    batch.send("-s", "$(reboot)", "bob@example.net", evil, text=b".\nx\n")
    assert log.read_text().splitlines() == [
        "-oem", "-oi", "-f", "anna@example.org", "--", "bob@example.net",
        evil]
    assert b"\r" not in text.read_bytes()
    assert parse(text.read_bytes()).get_content() == ".\nx\n"
    assert not os.path.exists(str(tmp_path / "evil"))
    assert os.listdir(tmp_path / "state/smew/default/outbox") == []


@pytest.mark.parametrize("code, state", [
    (75, REFUSED), (67, REFUSED), (64, REFUSED), ("kill", UNCERTAIN)])
def test_sendmail_fails(program, tmp_path, code, state):
    script = tmp_path / "sendmail"
    script.write_text("#!/bin/sh\necho first >&2\necho 'the reason' >&2\n%s\n"
                      % ("kill -9 $$" if code == "kill" else
                         "exit %d" % code))
    script.chmod(0o755)
    batch = Batch(program, tmp_path, "set sendmail = %s\n"
                  "set from = anna@example.org\n" % script)
    said = batch.send("bob@example.net", status=1)
    if code != "kill":
        assert "the reason" in said and str(code) in said
    assert batch.outbox()[0][0] == state
    assert len(batch.kept()) == 1


def test_no_sendmail(program, tmp_path):
    batch = Batch(program, tmp_path, "set sendmail = /nonexistent/sendmail\n"
                  "set from = anna@example.org\n")
    said = batch.send("bob@example.net", status=1)
    assert "/nonexistent/sendmail" in said and "not found" in said


# ---- the copy ----

def account(server, mailboxes, more=""):
    return (server.settings() + 'set tunnel = "%s"\n' % mailboxes.tunnel +
            more)


def copies(mailboxes, folder="Sent"):
    with mailboxes.client() as imap:
        imap.select(folder, readonly=True)
        _, found = imap.search(None, "ALL")
        return [imap.fetch(n, "(FLAGS BODY.PEEK[])")[1][0]
                for n in found[0].split()]


def test_copy(program, tmp_path):
    """With the blind recipients, which nobody else gets to know."""
    with Smtp() as server, Dovecot() as mailboxes:
        mailboxes.fill(Sample(size=1))
        before = len(copies(mailboxes))
        batch = Batch(program, tmp_path, account(server, mailboxes))
        batch.send("-b", "eve@example.net", "bob@example.net")
        found = copies(mailboxes)
        assert len(found) == before + 1
        head, data = found[-1]
        assert b"\\Seen" in head
        assert data == b"Bcc: eve@example.net\r\n" + server.delivered[0].data
        assert batch.outbox()[0][0] == DONE and batch.kept() == []


def test_copy_that_the_server_made(program, tmp_path):
    """It is looked for, and not made twice."""
    with Smtp() as server, Dovecot() as mailboxes:
        mailboxes.fill(Sample(size=1))
        before = len(copies(mailboxes))
        server.on_accepted = lambda mail: mailboxes.deliver(mail.data, "Sent")
        batch = Batch(program, tmp_path, account(
            server, mailboxes, "set server_keeps_sent = yes\n"))
        batch.send("bob@example.net")
        assert len(copies(mailboxes)) == before + 1
        assert batch.outbox()[0][0] == DONE


def test_copy_into_a_mailbox_of_ones_own(program, tmp_path):
    with Smtp() as server, Dovecot() as mailboxes:
        mailboxes.fill(Sample(size=1))
        before = len(copies(mailboxes, "Archive"))
        batch = Batch(program, tmp_path, account(
            server, mailboxes, "set record = =Archive\n"))
        batch.send("bob@example.net")
        assert len(copies(mailboxes, "Archive")) == before + 1


def test_no_copy(program, tmp_path):
    with Smtp() as server, Dovecot() as mailboxes:
        mailboxes.fill(Sample(size=1))
        before = len(copies(mailboxes))
        batch = Batch(program, tmp_path, account(server, mailboxes,
                                                 "set copy = no\n"))
        batch.send("bob@example.net")
        assert len(copies(mailboxes)) == before
        assert batch.outbox()[0][0] == DONE


def test_copy_waits_for_the_mailbox_server(program, tmp_path):
    """Sent is sent; the copy is stored when the server is back."""
    with Smtp() as server, Dovecot() as mailboxes:
        mailboxes.fill(Sample(size=1))
        before = len(copies(mailboxes))
        gate = tmp_path / "open"
        batch = Batch(program, tmp_path, server.settings() +
                      "set tunnel = \"test -e %s && exec %s\"\n"
                      % (gate, mailboxes.tunnel))
        said = batch.send("bob@example.net")
        assert "copy is stored when" in said
        assert batch.outbox()[0][0] == SENT
        gate.write_text("")
        batch.send("eve@example.net")
        assert [state for state, _, _ in batch.outbox()] == [DONE, DONE]
        assert len(copies(mailboxes)) == before + 2
        assert len(server.delivered) == 2


def cut_tunnel(tmp_path, mailboxes):
    """A tunnel whose ends are cut as files say; the command stays the same,
    because it says whose outbox it is."""
    script = tmp_path / "tunnel"
    script.write_text("""#!/bin/sh
there=$(cat %s/there) back=$(cat %s/back)
stdbuf -o0 head -c $there | %s | stdbuf -o0 head -c $back
""" % (tmp_path, tmp_path, mailboxes.tunnel))
    script.chmod(0o755)

    def cut(there=10**9, back=10**9):
        (tmp_path / "there").write_text(str(there))
        (tmp_path / "back").write_text(str(back))
    cut()
    return str(script), cut


def dialogue_sizes(log):
    """Octets each way of a whole session, more or less."""
    with open(log, encoding="utf-8", errors="replace") as file:
        lines = [line for line in file if " session imap: " in line]
    return (sum(len(line.split(" > ", 1)[1]) + 1 for line in lines
                if " > " in line),
            sum(len(line.split(" < ", 1)[1]) + 1 for line in lines
                if " < " in line))


def test_copy_is_cut(program, tmp_path):
    """Wherever the line breaks while the copy is stored: it is there once."""
    chosen = random.Random(5)
    rounds = 60 if os.environ.get("SMEW_ALL") == "1" else 6
    with Smtp() as server, Dovecot() as mailboxes:
        mailboxes.fill(Sample(size=1))
        before = len(copies(mailboxes))
        tunnel, cut = cut_tunnel(tmp_path, mailboxes)
        batch = Batch(program, tmp_path, server.settings() +
                      "set tunnel = %s\nset imap_deflate = no\n"
                      "set imap_connections = 2\n" % tunnel)
        log = str(tmp_path / "log")
        batch.send("-l", log, "-d", "3", "-s", "whole", "bob@example.net")
        there, back = dialogue_sizes(log)
        for n in range(rounds):
            if n % 2:
                cut(there=chosen.randrange(there // 3, there + 900))
            else:
                cut(back=chosen.randrange(back // 3, back + 200))
            batch.send("-s", "cut %d" % n, "bob@example.net")
        cut()
        limit = time.monotonic() + LIMIT
        while SENT in [state for state, _, _ in batch.outbox()]:
            assert time.monotonic() < limit, batch.outbox()
            batch.send("-s", "again", "bob@example.net")
        filed = [parse(data)["Subject"] for _, data in
                 copies(mailboxes)[before:]]
        for n in range(rounds):
            assert filed.count("cut %d" % n) == 1, filed
        assert filed.count("whole") == 1


# ---- kills ----

@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM,
                                    signal.SIGHUP])
def test_interrupted(program, tmp_path, number):
    """Who ended it was told that it was not sent: it does not go out behind
    their back with the next message."""
    with Smtp() as server:
        batch = Batch(program, tmp_path, server.settings())
        process = batch.start("-s", "ended", "bob@example.net",
                              preexec_fn=ignores_nothing)
        server.on_step = lambda verb, when: (verb, when) == (
            "RCPT", "before") and end_and_wait(process, number)
        _, said = process.communicate(b"Hello.\n", timeout=LIMIT)
        assert process.returncode == 1
        assert b"it was" in said and b"outbox" in said
        server.on_step = None
        batch.send("-s", "next", "bob@example.net")
        assert [parse(m.data)["Subject"] for m in server.delivered] == ["next"]
        assert [state for state, _, _ in batch.outbox()] == [REFUSED, DONE]


def ignores_nothing():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def end_and_wait(process, number):
    """The server answers only when that has had its effect."""
    os.kill(process.pid, number)
    limit = time.monotonic() + LIMIT
    while process.poll() is None and time.monotonic() < limit:
        time.sleep(0.01)


def test_interrupted_too_late(program, tmp_path):
    """What the server has is waited for, and the answer counts."""
    with Smtp() as server:
        batch = Batch(program, tmp_path, server.settings())
        process = batch.start("bob@example.net")
        server.on_step = lambda verb, when: (verb, when) == (
            ".", "before") and os.kill(process.pid, signal.SIGTERM)
        _, said = process.communicate(b"Hello.\n", timeout=LIMIT)
        assert process.returncode == 0 and said == b""
        assert len(server.delivered) == 1
        assert batch.outbox()[0][0] == DONE



def test_kills(program, tmp_path):
    """Killed at any instant, in one home: what was sent was sent once, all
    else is in the outbox, and a copy is there once."""
    rounds = 200 if os.environ.get("SMEW_ALL") == "1" else 8
    chosen = random.Random(11)
    with Smtp() as server, Dovecot() as mailboxes:
        mailboxes.fill(Sample(size=1))
        before = len(copies(mailboxes))
        batch = Batch(program, tmp_path, account(server, mailboxes))
        for n in range(rounds):
            process = batch.start("-s", "number %d" % n, "bob@example.net",
                                  start_new_session=True)
            process.stdin.write(b"Hello.\n")
            process.stdin.close()
            time.sleep(chosen.random() * (0.12 if n % 2 else 1.5))
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        # One more, which lives: it files what is left; what failed is tried
        # again after a minute.
        limit = time.monotonic() + 3 * LIMIT
        batch.send("-s", "last", "bob@example.net")
        while SENT in [state for state, _, _ in batch.outbox()]:
            assert time.monotonic() < limit, batch.outbox()
            batch.send("-s", "again", "bob@example.net")
        sent = [parse(m.data)["Subject"] for m in server.delivered]
        assert len(sent) == len(set(sent)) or sent.count("again") > 1
        for n in range(rounds):
            assert sent.count("number %d" % n) <= 1
        kept = [parse(data)["Subject"] for data in batch.kept()]
        states = [state for state, _, _ in batch.outbox()]
        assert set(states) <= {WAITING, UNCERTAIN, DONE}, batch.outbox()
        assert len(kept) == len([s for s in states if s != DONE])
        filed = [parse(data)["Subject"] for _, data in
                 copies(mailboxes)[before:]]
        assert sorted(filed) == sorted(
            s for s in sent if s not in kept), (filed, sent, kept)
