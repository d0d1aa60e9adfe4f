# SPDX-License-Identifier: GPL-3.0-or-later
"""Signing in: every mechanism against a real server, and by script what
servers say when they refuse, each with how often a secret was sent."""

import base64
import http.server
import json
import os
import threading
import urllib.parse

import pytest
from network import NetworkDovecot, make_certificate

MAIL = b"Subject: well arrived\n\nx\n"

# ---- a real server ----


class Introspection(http.server.BaseHTTPRequestHandler):
    """RFC 7662, as far as Dovecot asks: the token `valid` is anna's."""

    def do_GET(self):
        token = urllib.parse.parse_qs(
            urllib.parse.urlsplit(self.path).query).get("token", [""])[0]
        self.server.seen.append(token)
        good = token in self.server.valid
        answer = json.dumps({"active": good, "username": "anna"}
                            if good else {"active": False}).encode()
        self.send_response(200 if good else 401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def introspection():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Introspection)
    server.seen, server.valid = [], {"valid"}
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


EXTRA = """
auth_anonymous_username = anna
auth_ssl_username_from_cert = yes
ssl_ca = <%(root)s/ca.pem
ssl_verify_client_cert = yes
ssl_require_crl = no
ssl_cert_username_field = commonName
# Who failed is not made to wait.
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = %(root)s/oauth2.conf
}
passdb {
  driver = static
  mechanisms = external
  args = nopassword=y
}
"""
OAUTH2 = """
tokeninfo_url = http://127.0.0.1:%d/?token=
username_attribute = username
active_attribute = active
active_value = true
"""


class SignInDovecot(NetworkDovecot):
    port = 0

    def _write_users(self):
        super()._write_users()
        path = os.path.join(self.root, "oauth2.conf")
        with open(path, "w", encoding="utf-8") as out:
            out.write(OAUTH2 % self.port)
        # Its auth process may be another user than the one of the tests.
        os.chmod(path, 0o644)


@pytest.fixture(scope="module")
def net(introspection):
    SignInDovecot.port = introspection.server_address[1]
    mechanisms = ("plain login cram-md5 scram-sha-1 scram-sha-256 "
                  "xoauth2 oauthbearer anonymous external")
    with SignInDovecot(mechanisms, extra=EXTRA) as server:
        server.deliver(MAIL)
        yield server


def token_command(path, *tokens):
    """A command that prints one token after the other, the last for ever,
    and what counts its runs."""
    runs = path / "runs"
    script = path / "token"
    script.write_text(
        "#!/bin/sh\necho run >>%s\nn=$(wc -l <%s)\n"
        "case $n in\n%s*) echo %s;;\nesac\n" % (
            runs, runs, "".join("%d) echo %s;;\n" % (i + 1, token)
                                for i, token in enumerate(tokens[:-1])),
            tokens[-1]), encoding="utf-8")
    script.chmod(0o700)

    def count():
        return len(runs.read_text().splitlines()) if runs.exists() else 0
    return str(script), count


def token_settings(command, mechanism):
    return ("unset imap_pass\nset imap_oauth_refresh_command = '%s'\n"
            "set imap_authenticators = %s\n" % (command, mechanism))


@pytest.mark.parametrize("mechanism", ["xoauth2", "oauthbearer"])
def test_token(net, introspection, make_client, tmp_path, mechanism):
    command, runs = token_command(tmp_path, "stale", "valid")
    client = make_client(config=net.settings()
                         + token_settings(command, mechanism))
    introspection.seen.clear()
    with client.start() as screen:
        screen.wait_for("well arrived", 60)
        assert runs() == 2
    assert introspection.seen == ["stale", "valid"]


def test_token_that_a_new_one_does_not_help(net, make_client, tmp_path):
    command, runs = token_command(tmp_path, "stale")
    client = make_client(config=net.settings()
                         + token_settings(command, "xoauth2"))
    with client.start() as screen:
        # the account waits minutes, not seconds
        screen.wait_for(r"\(401\).*next try in (29\d|3\d\d) seconds", 60)
        assert runs() == 2
        assert "Password" not in screen.text()


def test_token_command_that_fails(net, make_client):
    client = make_client(config=net.settings() + token_settings(
        "echo no browser here >&2; exit 3", "xoauth2"))
    with client.start() as screen:
        screen.wait_for("imap_oauth_refresh_command.*no browser here")


def test_anonymous(net, make_client):
    client = make_client(
        config="set folder = imaps://localhost:%d\n"
        "set ssl_ca_certificates_file = %s\n"
        "set imap_authenticators = anonymous\n" % (net.imaps_port, net.ca))
    with client.start() as screen:
        screen.wait_for("well arrived")


def client_certificate(net, subject):
    make_certificate(net.root, "client", subject=subject,
                     purpose="clientAuth", names="email:anna@example.org")
    path = os.path.join(net.root, "client")
    with open(path + ".pem", "a", encoding="ascii") as out, \
            open(path + ".key", encoding="ascii") as key:
        out.write(key.read())
    return path + ".pem"


@pytest.mark.parametrize("scheme", ["imaps", "imap"])
def test_external(net, make_client, scheme):
    client = make_client(config=net.settings(scheme) + "unset imap_pass\n"
                         "set imap_authenticators = external\n"
                         "set ssl_client_cert = %s\n"
                         % client_certificate(net, "anna"))
    with client.start() as screen:
        screen.wait_for("well arrived")


def test_external_without_certificate(net, make_client):
    client = make_client(config=net.settings() + "unset imap_pass\n"
                         "set imap_authenticators = external\n")
    with client.start() as screen:
        screen.wait_for("offline.*(no way to sign in|did not let anna in)")
        assert "Password for" not in screen.text()


def test_gssapi_without_ticket(scripted):
    client, script = scripted(
        "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=GSSAPI] hello\nserve",
        "set imap_authenticators = gssapi\n")
    with client.start(env={"KRB5CCNAME": "FILE:/nonexistent"}) as screen:
        screen.wait_for("cannot sign in with GSSAPI")
    assert not script.said("AUTHENTICATE")


def test_on_request_only(scripted):
    client, script = scripted(
        "S: * OK [CAPABILITY IMAP4rev1 LOGINDISABLED AUTH=ANONYMOUS "
        "AUTH=EXTERNAL AUTH=NTLM AUTH=GSSAPI] hello\nserve",
        "set imap_pass = x\n")
    with client.start() as screen:
        screen.wait_for("no way to sign in")
    assert not script.said("AUTHENTICATE|LOGIN")


# ---- by script ----

# What follows a sign-in, so that a client can show INBOX.
INSIDE = """
when NAMESPACE
S: * NAMESPACE (("" "/")) NIL NIL
S: $tag OK
end
when LIST *
S: * LIST () "/" INBOX
S: $tag OK
end
when STATUS *
S: * STATUS INBOX (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 1 UNSEEN 0)
S: $tag OK
end
when * SEARCH *
S: * SEARCH
S: $tag OK
end
when IDLE
S: + idling
c: DONE
S: $tag OK
end
when SELECT *
S: * 0 EXISTS
S: * OK [UIDVALIDITY 1] valid
S: * OK [UIDNEXT 1] next
S: $tag OK [READ-WRITE] selected
mark selected
end
"""
GREETING = "S: * OK [CAPABILITY IMAP4rev1 %s] hello\n"
SECRET = "set imap_pass = geheim\n"
PLAIN = base64.b64encode(b"\0anna\0geheim").decode()


def mistakes(script):
    """What the client did wrong; that it leaves at once is its right."""
    return [line for line in script.failures() if "went away" not in line]


def marked(script, word):
    return lambda _: "mark " + word in script.lines()


def wait_offline(screen, pattern):
    screen.wait_for("offline.*" + pattern)


@pytest.mark.parametrize("offered", [True, False])
@pytest.mark.parametrize("wanted", [True, False])
def test_initial_response(scripted, offered, wanted):
    with_command = offered and wanted
    dialogue = ("C: AUTHENTICATE PLAIN %s\n" % PLAIN if with_command else
                "C~ AUTHENTICATE PLAIN$\nraw: + \\r\\n\nc: %s\n" % PLAIN)
    client, script = scripted(
        GREETING % ("AUTH=PLAIN" + (" SASL-IR" if offered else ""))
        + dialogue + "S: $tag OK [CAPABILITY IMAP4rev1] in\n"
        + INSIDE + "serve",
        SECRET + ("" if wanted else "unset imap_sasl_ir\n"))
    with client.start() as screen:
        screen.wait_for(marked(script, "selected"))
    assert not mistakes(script)


def test_one_attempt_a_prompt(scripted):
    client, script = scripted(
        GREETING % "" + "C: LOGIN * *\nS: $tag NO [AUTHENTICATIONFAILED] "
        "Wrong.\nserve\n====\n" + GREETING % "" + "C: LOGIN * \"second\"\n"
        "raw: $tag NO Not \\x1b[31mthat\\x07 either.\\r\\n\nserve\n====\n"
        + GREETING % "" + "C: LOGIN * \"third\"\n"
        "S: $tag OK [CAPABILITY IMAP4rev1] in\n" + INSIDE + "serve", SECRET)
    with client.start() as screen:
        screen.wait_for("Wrong. - Password for anna")
        # Nothing is tried while the question stands.
        screen.settle(3, 8)
        assert script.connections() == 1
        screen.send("second\r")
        screen.wait_for(r"Not .\[31mthat. either. - Password for anna")
        assert "\x1b" not in screen.text()
        screen.send("third\r")
        screen.wait_for(marked(script, "selected"))
    assert len(script.said("LOGIN")) == 3
    assert not mistakes(script)


def test_question_refused(scripted):
    client, script = scripted(GREETING % "" + "serve")
    with client.start() as screen:
        screen.wait_for("Password for anna")
        screen.send("\x07")
        wait_offline(screen, "no password was given")
    assert not script.said("LOGIN")


def test_login_disabled(scripted):
    client, script = scripted(GREETING % "LOGINDISABLED" + "serve", SECRET)
    with client.start() as screen:
        wait_offline(screen, "no way to sign in")
    assert not script.said("LOGIN")


def test_authenticators_in_the_users_order(scripted):
    client, script = scripted(
        GREETING % "SASL-IR AUTH=SCRAM-SHA-256 AUTH=PLAIN"
        + "C: AUTHENTICATE PLAIN *\nS: $tag OK [CAPABILITY IMAP4rev1] in\n"
        + INSIDE + "serve",
        SECRET + "set imap_authenticators = 'cram-md5:plain:scram-sha-256'\n")
    with client.start() as screen:
        screen.wait_for(marked(script, "selected"))


# The words, whether the password is asked for, and how long the next try has
# to wait at least, in seconds.
REFUSALS = [
    ("NO [AUTHENTICATIONFAILED] Authentication failed.", True, 0),
    ("NO [EXPIRED] Your password expired.", True, 0),
    ("NO LOGIN failed.", True, 0),
    ("NO [UNAVAILABLE] Temporary authentication failure.", False, 0),
    ("NO [SERVERBUG] Oops.", False, 60),
    ("NO [LIMIT] Enough.", False, 60),
    ("NO [INUSE] Busy.", False, 5),
    ("NO [AUTHORIZATIONFAILED] Not you.", False, 300),
    ("NO [PRIVACYREQUIRED] Not openly.", False, 300),
    ("NO [CONTACTADMIN] Call us.", False, 300),
    ("NO [ALERT] Too many simultaneous connections. (Failure)", False, 30),
    ("NO [UNAVAILABLE] Maximum number of connections from user+IP exceeded",
     False, 30),
    ("BAD Request is throttled. Suggested Backoff Time: 77000 milliseconds",
     False, 77),
    ("NO User is authenticated but not connected.", False, 300),
]


@pytest.mark.parametrize("words,asks,wait", REFUSALS)
def test_refusals(scripted, words, asks, wait):
    text = words.split("] ")[-1] if "[" in words else words.split(" ", 1)[1]
    client, script = scripted(
        GREETING % "" + "C: LOGIN * *\nS: $tag " + words + "\nserve", SECRET)
    # On the narrow line the end of a long reason would be missing.
    with client.start(columns=200) as screen:
        if asks:
            screen.wait_for("Password for anna")
            assert script.connections() == 1
            return
        screen.wait_for(
            r"did not let anna in: .*%s.*  next try in \d+ second"
            % text.replace("(", r"\(").replace(")", r"\)")
            .replace("+", r"\+"))
        assert "Password for" not in screen.text()
        if wait:
            left = int(screen.text().split("next try in ")[1].split()[0])
            assert wait - 15 <= left <= wait * 1.3 + 6
            assert script.connections() == 1
    assert len(script.said("LOGIN")) == script.connections()


def test_sent_away_at_the_door(scripted):
    client, script = scripted("S: * BYE Too many connections from your host\n"
                              "cut", SECRET)
    with client.start(columns=200) as screen:
        screen.wait_for(r"Too many connections.*next try in [23]\d seconds")
    assert script.connections() == 1


@pytest.mark.parametrize("condition", ["NO", "BAD"])
def test_signed_in_but_not_connected(scripted, condition):
    """Office 365 takes a wrong password, and refuses the first command."""
    client, script = scripted(
        GREETING % "" + "C: LOGIN * *\nS: $tag OK in\nwhen *\nS: $tag %s "
        "User is authenticated but not connected.\nend\nserve" % condition,
        SECRET)
    with client.start(columns=200) as screen:
        screen.wait_for(r"authenticated but not connected.*next try in "
                        r"(29\d|3\d\d) seconds")
        assert "Password for" not in screen.text()
    assert script.connections() == 1


XOAUTH2 = (GREETING % "SASL-IR AUTH=XOAUTH2")
JSON = base64.b64encode(b'{"status":"401","schemes":"Bearer"}').decode()


def token_line(token):
    return base64.b64encode(
        b"user=anna\1auth=Bearer %s\1\1" % token.encode()).decode()


def refused_token(token):
    return (XOAUTH2 + "C: AUTHENTICATE XOAUTH2 %s\nS: + %s\nc~ ^$\n"
            "S: $tag NO SASL authentication failed\nserve\n"
            % (token_line(token), JSON))


def accepted_token(token):
    return (XOAUTH2 + "C: AUTHENTICATE XOAUTH2 %s\n"
            "S: $tag OK [CAPABILITY IMAP4rev1 IDLE] in\n" % token_line(token)
            + INSIDE)


def test_token_renewed_once(scripted, tmp_path):
    command, runs = token_command(tmp_path, "one", "two")
    client, script = scripted(
        refused_token("one") + "====\n" + accepted_token("two") + "serve",
        token_settings(command, "xoauth2"))
    with client.start() as screen:
        screen.wait_for(marked(script, "selected"))
    assert runs() == 2
    assert not mistakes(script)


def test_token_status_is_shown(scripted, tmp_path):
    command, runs = token_command(tmp_path, "one", "two")
    client, script = scripted(
        refused_token("one") + "====\n" + refused_token("two"),
        token_settings(command, "xoauth2"))
    with client.start(columns=200) as screen:
        screen.wait_for(r"SASL authentication failed \(401\).*next try in "
                        r"(29\d|3\d\d) seconds")
        assert runs() == 2
    assert script.connections() == 2
    assert not mistakes(script)


def test_token_that_ends_with_the_connection(scripted, tmp_path):
    command, runs = token_command(tmp_path, "one", "two")
    client, script = scripted(
        accepted_token("one") + "C: IDLE\nS: + idling\n"
        "S: * BYE Session expired, please log in again.\ncut\n====\n"
        + refused_token("one") + "====\n"
        + accepted_token("two") + "mark again\nserve",
        token_settings(command, "xoauth2"))
    with client.start() as screen:
        screen.wait_for(marked(script, "again"), 60)
        assert runs() == 2


def test_token_that_ends_in_the_middle(scripted, tmp_path):
    command, runs = token_command(tmp_path, "one", "two")
    client, script = scripted(
        accepted_token("one") + "C: IDLE\nS: + idling\nc: DONE\nS: $tag OK\n"
        "when NOOP\nS: $tag NO [EXPIRED] Access token expired.\nend\nserve\n"
        "====\n" + accepted_token("two") + "mark again\nserve",
        token_settings(command, "xoauth2") + "bind index X check-new\n")
    with client.start() as screen:
        screen.wait_for(lambda _: script.said("IDLE"))
        screen.send("X")
        screen.wait_for(marked(script, "again"), 60)
        assert runs() == 2


def test_id_before_select(scripted):
    """163.com refuses SELECT to who has not said its name (imap-traps 77)."""
    text = (GREETING % "" + "C: LOGIN * *\nS: $tag OK [CAPABILITY IMAP4rev1 "
            "ID] in\n" + INSIDE + "strict\nwhen SELECT *\n"
            "S: $tag NO SELECT Unsafe Login. Please contact us\nend\n"
            "when CAPABILITY\nS: * CAPABILITY IMAP4rev1 ID\nS: $tag OK\nend\n"
            "C: ID (\"name\" \"smew\" *)\nS: * ID NIL\nS: $tag OK\n"
            + INSIDE + "serve")
    client, script = scripted(text, SECRET)
    with client.start() as screen:
        screen.wait_for(marked(script, "selected"))
    client, script = scripted(text, SECRET + "unset imap_send_id\n")
    with client.start() as screen:
        screen.wait_for("Unsafe Login")
    assert not script.said("ID ")


def test_server_that_skips_its_proof(scripted):
    client, script = scripted(
        GREETING % "SASL-IR AUTH=SCRAM-SHA-256" + "C: AUTHENTICATE *\n"
        "S: $tag OK [CAPABILITY IMAP4rev1] in\nserve", SECRET)
    with client.start() as screen:
        wait_offline(screen, "before it had proved")
    assert not script.said("SELECT|LIST")
