# SPDX-License-Identifier: GPL-3.0-or-later
"""Editors that run beside smew, in windows of their own."""

import shutil
import signal
import subprocess
import time

import pytest
from writer import Writer, recover, wait_for_file

# Writes a line, and ends when it is told to.
BODY = """name=$(cat {tmp}/begun 2>/dev/null | wc -l)
echo begun >> {tmp}/begun
printf 'First line.\\n' >> "$1"
n=0
while ! [ -e {tmp}/end-$name ] && [ $((n += 1)) -lt 2400 ]; do sleep 0.05; done
printf 'Last line of %s.\\n' "$name" >> "$1"
exit $(cat {tmp}/end-$name)
"""


class Background(Writer):
    def __init__(self, make_client, dovecot, tmp):
        super().__init__(make_client, dovecot, tmp)
        self.option("set background_edit")
        self.editor(BODY.replace("{tmp}", str(tmp)))

    def begin(self, subject="Beside", count=1):
        """Asks for a message, and waits for its editor."""
        self.screen.send("m")
        self.answer("To: ", "bob\r")
        self.answer("Subject: ", subject + "\r")
        self.see("Edited in the background")
        end = time.monotonic() + 60
        while self.begun() < count:
            assert time.monotonic() < end, self.screen.text()
            time.sleep(0.02)
        self.see("Back:%d" % count)

    def begun(self):
        path = self.tmp / "begun"
        return len(path.read_text().split()) if path.exists() else 0

    def end(self, number=0, status=0):
        path = self.tmp / ("end-%d" % number)
        path.with_suffix(".new").write_text("%d\n" % status)
        path.with_suffix(".new").rename(path)


@pytest.fixture
def writer(make_client, mail_server, tmp_path):
    return Background(make_client, mail_server, tmp_path)


def test_beside(writer):
    """smew reads on; without a key for a while, what was written comes by
    itself, and goes out."""
    screen = writer.start()
    writer.begin()
    screen.send("1\r\r")
    writer.see("Hällo Anna,")
    screen.send("q")
    screen.send("B")
    screen.wait_for(lambda s: any("running" in line and "Beside" in line
                                  for line in s.lines()))
    screen.send("q")
    screen.wait_index(2)
    time.sleep(1.2)     # no key: nobody is at work here
    writer.end()
    writer.menu()
    writer.see("First line.")
    writer.see("Last line of 0.")
    assert "Back:" not in screen.text()
    screen.send("y")
    message, = writer.sent()
    assert message["Subject"] == "Beside"
    assert message.get_content() == "First line.\nLast line of 0.\n"
    writer.back()
    writer.wait_no_drafts()


def test_several(writer):
    """Two at once; the one that ends while something is asked waits."""
    screen = writer.start()
    writer.begin("One", 1)
    writer.begin("Two", 2)
    screen.send("c")
    writer.see("Open mailbox")
    writer.end(1, 3)
    screen.settle(0.5)
    assert "-- Text" not in screen.text()
    screen.send("\x07")
    screen.send("B")
    screen.wait_for(lambda s: any("finished" in line and "Two" in line
                                  for line in s.lines()))
    assert any("running" in line and "One" in line for line in screen.lines())
    screen.send("j\r")
    writer.menu()
    writer.see("Subject: Two")
    writer.see("The editor ended with status 3.")
    screen.send("y")
    writer.back()
    writer.see("Back:1")
    screen.send("B\r")
    writer.answer("Its editor still runs. Go on without it?", "n")
    writer.end(0)
    screen.wait_for(lambda s: any("finished" in line for line in s.lines())
                    or "-- Text" in s.text())
    if "-- Text" not in screen.text():
        screen.send("\r")
    writer.menu()
    writer.see("Subject: One")
    screen.send("y")
    one, two = sorted(writer.sent(2), key=lambda m: m["Subject"])
    assert one.get_content() == "First line.\nLast line of 0.\n"
    assert two.get_content() == "First line.\nLast line of 1.\n"


def test_without_its_editor(writer):
    screen = writer.start()
    writer.begin()
    screen.send("B\r")
    writer.answer("Its editor still runs. Go on without it?", "y")
    writer.menu()
    writer.see("First line.")
    screen.send("y")
    assert writer.sent()[0].get_content() == "First line.\n"
    writer.end()


def test_unmodified(writer):
    writer.editor("echo begun >> %s/begun" % writer.tmp)
    screen = writer.start()
    screen.send("m")
    writer.answer("To: ", "bob\r")
    writer.answer("Subject: ", "x\r")
    screen.wait_for(lambda s: "The editor has ended" in s.text())
    screen.send("B")
    writer.see("Aborted unmodified message.")
    assert "Back:" not in screen.text()
    writer.wait_no_drafts()


@pytest.mark.parametrize("key", ["q", "x"])
def test_leaving(writer, key):
    """It is asked; the next smew finds that the editor still runs."""
    screen = writer.start()
    writer.begin()
    screen.send(key)
    writer.answer("1 message is edited in the background. Leave?", "n")
    screen.wait_gone("Leave\\?")
    screen.send(key)
    writer.answer("1 message is edited in the background. Leave?", "y")
    screen.wait_exit()
    screen = writer.start()
    writer.see("unfinished message")
    screen.send("R")
    writer.see("Its editor still runs")
    writer.see("Back:1")
    writer.end()
    screen.wait_for(lambda s: "The editor has ended" in s.text() or
                    "-- Text" in s.text())
    if "-- Text" not in screen.text():
        screen.send("B")
    writer.menu()
    writer.see("Last line of 0.")
    writer.see("Subject: Beside")
    screen.send("y")
    assert "Last line of 0." in writer.sent()[0].get_content()
    writer.wait_no_drafts()


def test_killed(writer):
    """The editor outlives smew; what it writes then is there."""
    screen = writer.start()
    writer.begin("Killed")
    screen.kill(signal.SIGKILL)
    screen.wait_exit()
    writer.end()
    draft, = writer.drafts()
    end = time.monotonic() + 60
    while "Last line" not in (draft / "message.eml").read_text():
        assert time.monotonic() < end
        time.sleep(0.02)
    recover(writer, "Subject: Killed", "Last line of 0.").send("y")
    assert len(writer.sent()) == 1


def test_again_from_the_menu(writer):
    """With the fields, and from the screen of the message."""
    screen = writer.start()
    writer.begin()
    screen.send("B\r")
    writer.answer("Its editor still runs. Go on without it?", "y")
    writer.menu()
    writer.editor("""sed -i 's/^Subject:.*/Subject: Another/' "$1"
echo again > %s/again""" % writer.tmp)
    screen.send("E")
    wait_for_file(writer.tmp / "again")
    screen.wait_for(lambda s: "The editor has ended" in s.text())
    screen.send("B")
    writer.menu()
    writer.see("Subject: Another")
    screen.send("q")
    writer.answer("Save (postpone) draft message?", "n")
    writer.wait_no_drafts()
    writer.end()


def test_no_window(writer):
    writer.option('set background_editor = "false %s"')
    screen = writer.start()
    screen.send("m")
    writer.answer("To: ", "bob\r")
    writer.answer("Subject: ", "Kept\r")
    writer.see("The window of the editor could not be opened")
    writer.menu()
    writer.see("Subject: Kept")


def test_tmux(writer):
    """A window of tmux, which is killed: the message goes on."""
    tmux = shutil.which("tmux")
    if tmux is None:
        pytest.skip("tmux is not installed")
    command = [tmux, "-S", str(writer.tmp / "socket"), "-f", "/dev/null"]
    subprocess.run([*command, "new-session", "-d", "sleep 1000"], check=True,
                   env=writer.client.env)
    try:
        writer.option('set background_editor = "%s new-window %%s"'
                      % " ".join(command))
        screen = writer.start()
        writer.begin()
        subprocess.run([*command, "kill-window"], check=True,
                       env=writer.client.env)
        screen.wait_for(lambda s: "The editor has ended" in s.text() or
                        "-- Text" in s.text())
        if "-- Text" not in screen.text():
            screen.send("B")
        writer.menu()
        writer.see("First line.")
    finally:
        subprocess.run([*command, "kill-server"], check=False,
                       env=writer.client.env)
