# SPDX-License-Identifier: GPL-3.0-or-later
"""What every end-to-end test may ask for. SMEW names the program to test."""

import os
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))

from client import Client           # noqa: E402
from dovecot import Dovecot         # noqa: E402
from messages import ordinary       # noqa: E402
from play import Play               # noqa: E402
from sample import Sample           # noqa: E402
from scripted import Script         # noqa: E402
from writer import Writer, two_messages     # noqa: E402


@pytest.fixture(scope="session")
def program():
    path = os.environ.get("SMEW") or os.path.join(HERE, "../../build/smew")
    if not os.access(path, os.X_OK):
        pytest.fail("no program to test: build smew, or set SMEW to it")
    return path


@pytest.fixture
def server(request):
    """A real server with a sample of 60 messages (or the test's `size`)."""
    mark = request.node.get_closest_marker("size")
    with Dovecot() as dovecot:
        dovecot.fill(Sample(size=mark.args[0] if mark else 60))
        yield dovecot


@pytest.fixture
def make_client(program, tmp_path):
    """Makes clients; at the end none of them may have a sanitizer report."""
    clients = []

    def make(tunnel=None, config=""):
        home = tmp_path / ("home%d" % len(clients))
        home.mkdir(mode=0o700)
        clients.append(Client(program, home, tunnel, config))
        return clients[-1]

    yield make
    for client in clients:
        client.close()
    reports = [r for c in clients for r in c.sanitizer_reports()]
    assert not reports, "\n".join(reports)


@pytest.fixture
def client(make_client, server):
    """smew's files and configuration for the real server."""
    return make_client(server.tunnel)


@pytest.fixture
def screen(client):
    """smew on the real server, the index being there."""
    screen = client.start()
    screen.wait_index(20)
    screen.settle()
    return screen


@pytest.fixture
def newest(screen):
    """The same with the cursor on the newest message: new mail scrolls in."""
    screen.send("*")
    screen.wait_for(lambda s: s.current() and s.current().number == 60)
    return screen


@pytest.fixture
def mail_server():
    """A real server with two messages that can be answered."""
    with two_messages() as dovecot:
        yield dovecot


@pytest.fixture
def writer(make_client, mail_server, tmp_path):
    """Somebody who writes on it."""
    return Writer(make_client, mail_server, tmp_path)


@pytest.fixture
def scripted(make_client, tmp_path):
    """(client, script) of a scripted server."""
    def make(text, config=""):
        script = Script(text, str(tmp_path))
        return make_client(script.tunnel, config), script
    return make


@pytest.fixture
def play(program, tmp_path):
    """play("quirks", ...): an ordinary server but for those; with `script`
    the whole of it. At the end the client may have said nothing that was not
    in the script, and there may be no sanitizer report."""
    plays = []

    def make(quirks="", config="", script=None, **keywords):
        text = script or ordinary(quirks, **keywords)
        directory = str(tmp_path / ("play%d" % len(plays)))
        plays.append(Play(program, directory, text, config))
        return plays[-1]

    yield make
    for one in plays:
        one.client.close()
    for one in plays:
        assert one.client.sanitizer_reports() == []
        assert [line for line in one.script.failures()
                if "went away" not in line] == []
