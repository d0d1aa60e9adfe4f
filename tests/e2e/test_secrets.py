# SPDX-License-Identifier: GPL-3.0-or-later
"""A canary for a password: it must be in no log, no argument vector, no
environment, no file that smew writes, and in no image of its memory.

The kernel writes no core of smew; who may look into its memory anyway (root)
finds the password in no page that belongs into a core. SMEW_KEEP_CORES names
a directory where cores with a canary in them are kept."""

import base64
import glob
import os
import signal
import subprocess

import pytest
from client import has_asan
from network import NetworkDovecot
from test_signin import GREETING, INSIDE, marked

CANARY = "c4n4ry-\u00e4-Kn0tenpunkt-97"
TOKEN = "ya29.t0ken-Canary-Kn0tenpunkt-98"
MAIL = b"Subject: well arrived\n\nx\n"
ROOT = os.geteuid() == 0


class SecretDovecot(NetworkDovecot):
    def _write_users(self):
        with open(os.path.join(self.root, "users"), "w",
                  encoding="utf-8") as out:
            out.write("anna:{PLAIN}%s\n" % CANARY)


@pytest.fixture(scope="session")
def program(program):
    """Without sanitizers: their memory is too large for a core, and they
    keep what was freed."""
    plain = os.environ.get("SMEW_PLAIN") or program
    if has_asan(plain):
        pytest.skip("SMEW_PLAIN is not set")
    return plain


@pytest.fixture(scope="module")
def net():
    with SecretDovecot() as server:
        server.deliver(MAIL)
        yield server


def forms(secret):
    """The secret as it might lie about: as it is, a half of it that was not
    overwritten, in base64 wherever it begins, in stringprep's characters."""
    data = secret.encode()
    found = {"itself": data, "UTF-32": secret.encode("utf-32-le")[:32],
             "the beginning": data[:12], "the end": data[-12:]}
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + data)
        found["base64 at %d" % shift] = text[4:4 + len(data)]
    return found


def look(data, secret):
    return [name for name, form in forms(secret).items() if form in data]


def core_of(pid, directory):
    """The octets of a core, or None where nobody may have one."""
    prefix = os.path.join(str(directory), "core")
    done = subprocess.run(["gcore", "-o", prefix, str(pid)],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    path = "%s.%d" % (prefix, pid)
    if not os.path.exists(path):
        assert not ROOT, done.stdout
        return None
    with open(path, "rb") as core:
        data = core.read()
    os.unlink(path)
    return data


def keep(directory, data):
    place = os.environ.get("SMEW_KEEP_CORES")
    if place:
        path = os.path.join(place, os.path.basename(str(directory)))
        with open(path, "wb") as out:
            out.write(data)


def process_texts(pid):
    """Arguments and environments of a process and of its children."""
    texts = b""
    pids = [pid]
    for task in glob.glob("/proc/%d/task/*/children" % pid):
        with open(task, encoding="ascii") as children:
            pids += [int(child) for child in children.read().split()]
    for one in pids:
        for name in ("cmdline", "environ"):
            try:
                with open("/proc/%d/%s" % (one, name), "rb") as text:
                    texts += text.read()
            except OSError:     # gone, or closed to others
                pass
    return texts


def start(client):
    return client.start("-d", "5", "-l", client.home + "/log")


def check(client, screen, directory, secret):
    assert not look(process_texts(screen.pid), secret)
    assert not look(client.written(), secret)
    core = core_of(screen.pid, directory)
    if core is not None:
        assert len(core) > 1 << 20
        found = look(core, secret)
        if found:
            keep(directory, core)
        assert not found
    assert not look(screen.text().encode(), secret)


def from_command(tmp_path, secret=CANARY):
    path = tmp_path / "secret"
    path.write_text(secret + "\n", encoding="utf-8")
    return "unset imap_pass\nset imap_pass_command = 'cat %s'\n" % path


MECHANISMS = ["plain", "login", "cram-md5", "scram-sha-1", "scram-sha-256"]


def settings(net):
    return net.settings().replace("set imap_pass", "# set imap_pass")


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_mechanisms(net, make_client, tmp_path, mechanism):
    client = make_client(config=settings(net) + from_command(tmp_path)
                         + "set imap_authenticators = %s\n" % mechanism)
    with start(client) as screen:
        screen.wait_for("well arrived")
        check(client, screen, tmp_path, CANARY)


def test_typed(net, make_client, tmp_path):
    client = make_client(config=settings(net))
    with start(client) as screen:
        screen.wait_for("Password for anna")
        screen.send("x\x7f" + CANARY + "\r")
        screen.wait_for("well arrived")
        check(client, screen, tmp_path, CANARY)


def test_configured(net, make_client, tmp_path):
    client = make_client(config=settings(net)
                         + "set imap_pass = '%s'\n" % CANARY)
    with start(client) as screen:
        screen.wait_for("well arrived")
        check(client, screen, tmp_path, CANARY)


def test_in_the_url(net, make_client, tmp_path):
    url = "imaps://anna:%s@" % "".join("%%%02x" % c for c in CANARY.encode())
    client = make_client(config=settings(net).replace("imaps://anna@", url))
    with start(client) as screen:
        screen.wait_for("well arrived")
        check(client, screen, tmp_path, CANARY)


def test_refused(net, make_client, tmp_path):
    """A wrong one may be the right one of something else."""
    client = make_client(config=settings(net)
                         + from_command(tmp_path, TOKEN))
    with start(client) as screen:
        screen.wait_for("Password for anna")
        check(client, screen, tmp_path, TOKEN)


def test_login_command(scripted, tmp_path):
    client, script = scripted(
        GREETING % "" + "C: LOGIN * *\nS: $tag OK [CAPABILITY IMAP4rev1] in\n"
        + INSIDE + "serve", from_command(tmp_path, TOKEN))
    with start(client) as screen:
        screen.wait_for(marked(script, "selected"))
        check(client, screen, tmp_path, TOKEN)


@pytest.mark.parametrize("mechanism", ["xoauth2", "oauthbearer"])
def test_token(scripted, tmp_path, mechanism):
    client, script = scripted(
        GREETING % ("SASL-IR AUTH=" + mechanism.upper())
        + "C: AUTHENTICATE *\nS: $tag OK [CAPABILITY IMAP4rev1] in\n"
        + INSIDE + "serve",
        from_command(tmp_path, TOKEN).replace("pass_command",
                                              "oauth_refresh_command"))
    with start(client) as screen:
        screen.wait_for(marked(script, "selected"))
        check(client, screen, tmp_path, TOKEN)


def test_no_core_is_written(net, make_client, tmp_path):
    client = make_client(config=settings(net) + from_command(tmp_path))
    with client.start(prefix=["/bin/sh", "-c",
                              'ulimit -c unlimited; cd "$0" && exec "$@"',
                              str(tmp_path)]) as screen:
        screen.wait_for("well arrived")
        os.kill(screen.pid, signal.SIGABRT)
        screen.wait_exit()
    assert not glob.glob(str(tmp_path / "*core*"))
    # What the shell allowed would have been enough.
    with open("/proc/sys/kernel/core_pattern", encoding="ascii") as pattern:
        if pattern.read().startswith("|"):
            return
    subprocess.run(["/bin/sh", "-c", "ulimit -c unlimited; kill -ABRT $$"],
                   cwd=tmp_path, check=False)
    assert glob.glob(str(tmp_path / "*core*"))
