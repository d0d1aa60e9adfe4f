# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts of a message that is written: programs, files, how they are sent."""

import stat

import pytest
from writer import wait_for_file


@pytest.fixture
def attached(writer):
    """A message with a text file, its part under the cursor."""
    path = writer.tmp / "it's a file.txt"
    path.write_text("One line: ä.\nAnother one.\n")
    screen = writer.start()
    writer.write()
    screen.send("a")
    writer.answer("Attach file: ", str(path) + "\r")
    writer.see("2  it's a file.txt")
    return path


def test_pipe(writer, attached):
    screen = writer.screen
    screen.send("|")
    writer.answer("Pipe to: ", "wc -l > %s/count # lines\r" % writer.tmp)
    wait_for_file(writer.tmp / "count")
    writer.menu()
    screen.send("k|")
    writer.answer("Pipe to: ", "cat > %s/text; cat < %s/count\r"
                  % (writer.tmp, writer.tmp))
    wait_for_file(writer.tmp / "text")
    writer.menu()
    screen.send("y")
    writer.sent()
    assert (writer.tmp / "count").read_text().strip() == "2"
    assert (writer.tmp / "text").read_text() == "Written in the editor.\n"


def test_copy(writer, attached):
    screen = writer.screen
    screen.send("C")
    writer.answer("Save to file: it's a file.txt",
                  "\x15%s/copy\r" % writer.tmp)
    writer.see("Saved: ")
    copy = writer.tmp / "copy"
    assert copy.read_text() == attached.read_text()
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    copy.write_text("mine")
    screen.send("C")
    writer.answer("Save to file: ", "\x15%s/copy\r" % writer.tmp)
    writer.see("File exists")
    assert copy.read_text() == "mine"


def test_keep(writer, attached):
    """What becomes of the file later does not matter."""
    screen = writer.screen
    screen.send("G")
    writer.see("The draft has a copy of it.")
    attached.unlink()
    screen.send("G")
    writer.see("It is a copy already.")
    screen.send("y")
    part = list(writer.sent()[0].iter_attachments())[0]
    assert part.get_filename() == "it's a file.txt"
    assert part.get_content() == "One line: ä.\nAnother one.\n"
    writer.back()
    writer.wait_no_drafts()


def test_encoding(writer, attached):
    screen = writer.screen
    screen.send("\x05")
    writer.answer("Content-Transfer-Encoding: ", "7bit\r")
    writer.see("Only base64 and quoted-printable")
    screen.send("\x05")
    writer.answer("Content-Transfer-Encoding: ", "base64\r")
    writer.see("text/plain, base64")
    screen.send("y")
    part = list(writer.sent()[0].iter_attachments())[0]
    assert part["Content-Transfer-Encoding"] == "base64"
    assert part.get_content() == "One line: ä.\nAnother one.\n"


def test_mailcap(writer):
    """The program gets the name as one word, whatever is in it."""
    writer.script("show", """#!/bin/sh
printf 'Shown:\\033[31m %s\\n' "$#" "$@"
""")
    writer.script("window", """#!/bin/sh
printf '%s' "$1" > {tmp}/window.new
mv {tmp}/window.new {tmp}/window-has
""")
    (writer.tmp / "mailcap").write_text("""
text/*; {tmp}/show %s '%t'; copiousoutput
image/png; {tmp}/window %s
application/pdf; cat > {tmp}/terminal; needsterminal
application/pdf; cp %s {tmp}/terminal; needsterminal
""".format(tmp=writer.tmp))
    writer.option('set mailcap_path = "%s/mailcap"' % writer.tmp)
    screen = writer.start()
    writer.write()
    for name in ("a;touch b.png", "c'$(d).pdf", "e.bin"):
        (writer.tmp / name).write_bytes(b"\x00octets")
        screen.send("a")
        writer.answer("Attach file: ", str(writer.tmp / name) + "\r")
        writer.see(name)
    for number, kind in ((2, "image/png"), (3, "application/pdf"),
                         (4, "application/x-unknown")):
        screen.send("=" + "j" * (number - 1) + "\x14\x15")
        writer.answer("Content-Type: ", "\x15" + kind + "\r")
        writer.see(kind.replace("application", "applica"))
    screen.send("m")
    writer.see("no entry of mailcap shows application/x-unknown")
    screen.send("km")
    wait_for_file(writer.tmp / "terminal")
    writer.menu()
    screen.send("km")
    wait_for_file(writer.tmp / "window-has")
    assert (writer.tmp / "window-has").read_text() == \
        str(writer.tmp / "a;touch b.png")
    screen.send("=m")
    writer.see("Shown:")
    writer.see("message.eml")
    assert "\x1b" not in screen.text()
    screen.send("q")
    writer.menu()
