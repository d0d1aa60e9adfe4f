# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing: questions, the editor, the screen of a message, drafts, and what
goes to the program that sends. How it ends in the middle of that is in
test_compose_ends.py.
"""

import email
import email.policy
import email.utils
import signal
import stat
import time

import pytest
from client import has_asan
from writer import recover, wait_for_file


def test_write(writer):
    screen = writer.start()
    writer.write()
    assert "Anna Example <anna@example.org>" in screen.text()
    assert "Bob Builder <bob@example.net>" in screen.text()
    assert "Written in the editor." in screen.text()
    draft, = writer.drafts()
    for path in draft.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    screen.send("c")
    writer.answer("Cc: ", "carl@example.com, local\r")
    writer.see("carl@example.com, local@example.org")
    screen.send("b")
    writer.answer("Bcc: ", "Eve <eve@example.com>\r")
    writer.see("eve@example.com")
    screen.send("y")
    writer.back()
    message, = writer.sent()
    assert message["From"] == "Anna Example <anna@example.org>"
    assert message["To"] == "Bob Builder <bob@example.net>"
    assert message["Cc"] == "carl@example.com, local@example.org"
    assert message["Bcc"] is None
    assert message["Subject"] == "Hello"
    assert message["Message-ID"].endswith("@example.org>")
    assert message.get_content() == "Written in the editor.\n"
    assert set(writer.recipients()) == {
        "bob@example.net", "carl@example.com", "local@example.org",
        "eve@example.com"}
    (flags, copy), = writer.stored("Sent")
    assert copy["Message-ID"] == message["Message-ID"]
    assert copy["Bcc"] == "Eve <eve@example.com>"
    assert b"\\Seen" in flags
    writer.wait_no_drafts()


def test_group_reply(writer):
    screen = writer.start()
    screen.send("1\r")
    screen.send("g")
    writer.answer("To: Bob Builder", "\r")
    writer.answer("Subject: Re: Grüße", "\r")
    writer.answer("Include message in reply?", "\r")
    writer.menu()
    screen.send("y")
    message, = writer.sent()
    assert message["To"] == "Bob Builder <bob@example.net>"
    assert message["Cc"] == "carl@example.com, dora@example.com"
    assert message["Subject"] == "Re: Grüße"
    assert message["In-Reply-To"] == "<first@example.net>"
    assert message["References"] == "<first@example.net>"
    text = message.get_content()
    assert "> Hällo Anna,\n> how are you?\n" in text
    assert "Bob Builder wrote:\n> " in text
    assert text.endswith("Written in the editor.\n")
    end = time.monotonic() + 60
    while not any(b"\\Answered" in f for f, _ in writer.stored("INBOX", 2)):
        assert time.monotonic() < end
        time.sleep(0.1)


def test_reply_to_is_asked(writer):
    screen = writer.start()
    screen.send("2\r")
    screen.send("r")
    writer.answer("Reply to eve2@example.net?", "n")
    writer.answer("To: eve@example.net", "\x07")
    writer.see("Not written.")
    screen.send("r")
    writer.answer("Reply to eve2@example.net?", "y")
    writer.see("To: eve2@example.net")
    screen.send("\x07")
    writer.see("Not written.")
    screen.send("L")
    writer.see("No mailing lists found!")
    screen.send(":subscribe talk@lists\r")
    screen.send("L")
    writer.see("To: talk@lists.example.net")


def test_forward(writer):
    writer.option("set forward_edit = no")
    screen = writer.start()
    screen.send("2\r")
    screen.send("f")
    writer.answer("Forward attachments?", "y")
    writer.answer("To: ", "bob\r")
    writer.answer("Subject: [eve@example.net: A list]", "\r")
    writer.menu()
    writer.see("data.bin")
    screen.send("y")
    message, = writer.sent()
    text, data = message.iter_parts()
    assert "Forwarded message from eve@example.net" in text.get_content()
    assert "See the file." in text.get_content()
    assert data.get_content() == b"\0\1\2\3\4"
    assert data.get_filename() == "data.bin"
    writer.back()
    screen.send(":set mime_forward=yes\r")
    screen.send("f")
    writer.answer("To: ", "bob\r")
    writer.answer("Subject: ", "\r")
    writer.menu()
    writer.see("message/rfc822")
    screen.send("y")
    message = writer.sent(2)[1]
    inner = list(message.iter_parts())[1].get_content()
    assert inner["Message-ID"] == "<list@example.net>"
    end = time.monotonic() + 60
    while not any(b"$Forwarded" in f for f, _ in writer.stored("INBOX", 2)):
        assert time.monotonic() < end
        time.sleep(0.1)


def test_bounce(writer):
    screen = writer.start()
    screen.send("1\r")
    screen.send("b")
    writer.answer("Bounce message to: ", "bob\r")
    writer.answer("Bounce message to Bob Builder <bob@example.net>?", "y")
    message, = writer.sent()
    assert message["Resent-To"] == "Bob Builder <bob@example.net>"
    assert message["Resent-From"] == "Anna Example <anna@example.org>"
    assert message["From"] == "Bob Builder <bob@example.net>"
    assert message["Message-ID"] == "<first@example.net>"
    assert "Hällo Anna" in message.get_content()
    assert writer.recipients() == ["bob@example.net"]


def test_postpone_and_recall(writer):
    screen = writer.start()
    screen.send("1\r")
    screen.send("r")
    writer.answer("To: ", "\r")
    writer.answer("Subject: ", "\r")
    writer.answer("Include message", "n")
    writer.menu()
    screen.send("b")
    writer.answer("Bcc: ", "eve@example.com\r")
    (writer.tmp / "file.txt").write_text("attached\n")
    screen.send("a")
    writer.answer("Attach file: ", str(writer.tmp / "file.txt") + "\r")
    writer.see("2  file.txt")
    screen.send("P")
    writer.back()
    (flags, draft), = writer.stored("Drafts")
    assert {b"\\Draft", b"\\Seen"} <= flags
    assert draft["Bcc"] == "eve@example.com"
    assert draft["In-Reply-To"] == "<first@example.net>"
    writer.wait_no_drafts()
    # The outbox has it, without recipients.
    screen.send(":outbox\r")
    screen.wait_for(r"stored +\(a draft\)")
    screen.send("q")
    writer.back()
    # A newer version takes its place.
    screen.send("R")
    writer.menu()
    writer.see("eve@example.com")
    writer.see("file.txt")
    screen.send("s\x15")
    writer.answer("Subject: ", "Second\r")
    writer.see("Subject: Second")
    screen.send("P")
    writer.back()
    end = time.monotonic() + 60
    while [m["Subject"] for _, m in writer.stored("Drafts")] != ["Second"]:
        assert time.monotonic() < end
        time.sleep(0.1)
    # The one under the cursor, where the mailbox is open.
    screen.send("c")
    writer.answer("Open mailbox", "\x15=Drafts\r")
    screen.wait_for(lambda s: any("Second" in r for r in s.lines()))
    screen.send("R")
    writer.menu()
    writer.see("Subject: Second")
    screen.send("y")
    message, = writer.sent()
    assert message["Bcc"] is None
    assert message["Subject"] == "Second"
    text, file = message.iter_parts()
    assert text.get_content().count("Written in the editor.\n") == 3
    assert file.get_content() == "attached\n"
    assert "X-Smew-Fcc" not in message and "X-Smew-Answered" not in message
    assert "eve@example.com" in writer.recipients()
    writer.stored("Drafts", 0)
    assert any(b"\\Answered" in f for f, _ in writer.stored("INBOX", 2))


def test_undo_takes_back(writer):
    writer.option("set send_delay = 600")
    screen = writer.start()
    writer.write(subject="Second thoughts")
    screen.send("b")
    writer.answer("Bcc: ", "eve@example.com\r")
    writer.see("eve@example.com")
    screen.send("y")
    writer.see("Sending in 600 s. Undo: _")
    writer.wait_no_drafts()
    # What was done last is undone first.
    screen.send("F")
    screen.wait_for(r"1 . ! Nov|1 N ! Nov")
    screen.send("_")
    screen.wait_for(r"1 .   Nov")
    screen.send("_")
    writer.menu()
    writer.see("eve@example.com")
    writer.see("Subject: Second thoughts")
    writer.see("Written in the editor.")
    assert len(writer.drafts()) == 1
    screen.send("q")
    writer.answer("Save (postpone) draft message?", "n")
    writer.see("Mail not sent.")
    writer.wait_no_drafts()
    assert not list((writer.tmp / "sent").iterdir())


def test_questions(writer):
    writer.option("set abort_noattach = ask-yes")
    writer.editor("true")
    screen = writer.start()
    screen.send("m")
    writer.answer("To: ", "bob\r")
    writer.answer("Subject: ", "\r")
    writer.answer("No subject, abort?", "n")
    writer.see("Aborted unmodified message.")
    writer.wait_no_drafts()
    writer.editor("echo 'The file is attached.' >> \"$1\"")
    screen.send("m")
    writer.answer("To: ", "bob\r")
    writer.answer("Subject: ", "\r")
    writer.answer("No subject, abort?", "n")
    writer.menu()
    screen.send("y")
    writer.answer("No subject, abort sending?", "n")
    writer.answer("No attachments, cancel sending?", "\r")
    writer.see("Mail not sent.")
    screen.send("t\x15\r")
    screen.wait_gone("bob@example.net")
    screen.send("y")
    writer.see("No recipients are specified.")
    screen.send("t")
    writer.answer("To: ", "not an address\r")
    screen.send("s")
    writer.answer("Subject: ", "x\r")
    writer.see("Subject: x")
    screen.send("y")
    writer.answer("No recipients are specified.", "t\x15bob, bad@@x y\r")
    writer.see("bad@@x")
    screen.send("y")
    writer.answer("No attachments, cancel sending?", "n")
    writer.see("is not an address")
    assert not list((writer.tmp / "sent").iterdir())
    assert len(writer.drafts()) == 1


def test_edit_headers(writer):
    writer.option("set edit_headers; my_hdr X-Own: mine")
    writer.editor("sed -i 's/^Subject:.*/Subject: From the editor/;"
                  "s/^Cc:.*/Cc: carl@example.com/' \"$1\"")
    screen = writer.start()
    writer.write()
    writer.see("Subject: From the editor")
    writer.see("carl@example.com")
    screen.send("y")
    message, = writer.sent()
    assert message["Subject"] == "From the editor"
    assert message["X-Own"] == "mine"
    assert message["Cc"] == "carl@example.com"


def test_attachments(writer):
    screen = writer.start(80, 24)
    names = ["one.txt", "zwei ä.bin"]
    for name in names:
        (writer.tmp / name).write_bytes(name.encode() + b"\0")
    writer.write()
    for n, name in enumerate(names):
        screen.send("a")
        writer.answer("Attach file: ", str(writer.tmp / name) + "\r")
        writer.see("%d  %s" % (n + 2, name))
    screen.send("-")
    writer.see("2  zwei ä.bin")
    screen.send("d")
    writer.answer("Description: ", "The second\r")
    writer.see("2  The second")
    screen.send("\x0f\x15")
    writer.answer("Send attachment with name: ", "two.bin\r")
    screen.send("\x14\x15")
    writer.answer("Content-Type: ", "image/x-two\r")
    writer.see("image/x-two")
    screen.send("j")
    screen.send("D")
    screen.wait_gone("one.txt")
    screen.send("\r")
    writer.see("image/x-two cannot be shown as text")
    screen.send("a")
    writer.answer("Attach file: ", str(writer.tmp / "none") + "\r")
    writer.see("cannot read")
    screen.send("y")
    message, = writer.sent()
    _, part = message.iter_parts()
    assert part.get_filename() == "two.bin"
    assert part.get_content_type() == "image/x-two"
    assert part["Content-Description"] == "The second"
    assert part.get_content() == "zwei ä.bin".encode() + b"\0"


@pytest.mark.parametrize("columns,rows", [(80, 24), (120, 40), (40, 10),
                                          (20, 5), (1, 1)])
def test_sizes(writer, columns, rows):
    screen = writer.start()
    writer.write()
    screen.resize(columns, rows)
    screen.settle()
    screen.send("jkt\x07")
    screen.settle()
    if columns >= 40:
        writer.see("Anna Example")
    screen.resize(100, 30)
    writer.menu()
    screen.send("y")
    assert len(writer.sent()) == 1


# ---- nothing is lost ----


def test_kill_in_editor(writer):
    writer.editor("echo 'Saved once.' >> \"$1\"; touch {tmp}/saved; "
                  "exec sleep 600".replace("{tmp}", str(writer.tmp)))
    screen = writer.start()
    screen.send("m")
    writer.answer("To: ", "bob\r")
    writer.answer("Subject: ", "Killed\r")
    wait_for_file(writer.tmp / "saved")
    screen.kill(signal.SIGKILL)
    screen = recover(writer, "Saved once.", "Subject: Killed",
                     "bob@example.net")
    screen.send("y")
    message, = writer.sent()
    assert message.get_content() == "Saved once.\n"
    writer.wait_no_drafts()


def test_kill_in_menu(writer):
    screen = writer.start()
    screen.send("1\r")
    screen.send("r")
    writer.answer("To: ", "\r")
    writer.answer("Subject: ", "\r")
    writer.answer("Include message", "n")
    writer.menu()
    screen.send("s\x15")
    writer.answer("Subject: ", "Changed here\r")
    writer.see("Subject: Changed here")
    draft, = writer.drafts()
    end = time.monotonic() + 60
    while "Changed here" not in (draft / "draft").read_text():
        assert time.monotonic() < end
        time.sleep(0.02)
    screen.kill(signal.SIGKILL)
    screen = recover(writer, "Subject: Changed here", "Written in the editor")
    # One that is open is offered to nobody else.
    other = writer.client.start()
    other.wait_index(2)
    other.send("R")
    other.wait_for("Drafts")
    assert "-- Text" not in other.text()
    other.kill(signal.SIGKILL)
    screen.send("y")
    message, = writer.sent()
    assert message["In-Reply-To"] == "<first@example.net>"
    writer.wait_no_drafts()


def test_alias(writer):
    writer.option("set alias_file = %s/aliases" % writer.tmp)
    screen = writer.start()
    screen.send("1\r")
    screen.send("a\x15")
    writer.answer("Alias as: ", "builder\r")
    wait_for_file(writer.tmp / "aliases")
    writer.see("aliases")
    assert (writer.tmp / "aliases").read_text() == \
        "alias builder Bob Builder <bob@example.net>\n"
    screen.send("m")
    writer.answer("To: ", "bui\t\r")
    writer.answer("Subject: ", "x\r")
    writer.menu()
    writer.see("Bob Builder <bob@example.net>")


def test_resend(writer):
    screen = writer.start()
    screen.send("2\r")
    screen.send("\x1be")
    writer.menu()
    writer.see("talk@lists.example.net")
    writer.see("data.bin")
    screen.send("y")
    message, = writer.sent()
    assert message["Message-ID"] != "<list@example.net>"
    assert "See the file." in list(message.iter_parts())[0].get_content()


def test_large_attachment(writer):
    """50 MB go by without the screen waiting for them, nor in memory."""
    size = 50 << 20
    with open(writer.tmp / "large", "wb") as out:
        out.truncate(size)
    screen = writer.start()
    writer.write()
    screen.send("a")
    writer.answer("Attach file: ", str(writer.tmp / "large") + "\r")
    writer.see("50M")
    screen.send("y")
    while "-- Text" in screen.text():
        screen.send("j")
        screen.pump(0.05)
    message, = writer.sent()
    assert len(list(message.iter_parts())[1].get_content()) == size
    with open("/proc/%d/status" % screen.pid, encoding="ascii") as status:
        peak = next(line for line in status if line.startswith("VmHWM"))
    # The sanitizer keeps what was freed.
    assert has_asan(writer.client.program) or \
        int(peak.split()[1]) < 150 << 10, peak


def test_several_files(writer):
    screen = writer.start()
    for name in "abc":
        (writer.tmp / ("file-%s.txt" % name)).write_text("I am %s.\n" % name)
    writer.write()
    screen.send("a")
    writer.answer("Attach file: ", str(writer.tmp / "file-*.txt") + "\r")
    writer.see("4  file-c.txt")
    screen.send("\r")
    writer.see("I am c.")
    screen.send("q")
    writer.see("2  file-a.txt")
    screen.send("ku")
    writer.see("- A     3  file-b.txt")
    screen.send("y")
    assert len(list(writer.sent()[0].iter_attachments())) == 3
    end = time.monotonic() + 60
    while (writer.tmp / "file-b.txt").exists():
        assert time.monotonic() < end
        time.sleep(0.02)
    assert (writer.tmp / "file-a.txt").exists()


def test_many_panes(writer):
    """What lies over the message must not make it go."""
    screen = writer.start()
    writer.write(subject="Below")
    for keys in ["\x1bW", ":connections\r", "?", ":journal\r", "?"]:
        screen.send(keys)
        screen.settle()
    for _ in range(6):
        if "-- Text" in screen.text() or "---smew: INBOX" in screen.text():
            break
        screen.send("q")
        screen.settle()
    if "-- Text" not in screen.text():
        screen.send("R")
    writer.menu()
    writer.see("Subject: Below")


def test_many_recipients(writer):
    """They take three rows at most, and what is not shown is marked."""
    screen = writer.start(80, 24)
    writer.option("my_hdr X-A-Long-Name-Of-A-Field: value")
    screen.send(":source %s\r" % writer.client.config)
    writer.write(to=", ".join("person%d@example.com" % n for n in range(20)))
    lines = screen.lines()
    first = next(i for i, line in enumerate(lines) if "To: person0@" in line)
    assert lines[first + 1].startswith(" " * 10 + "person")
    assert lines[first + 2].endswith("...")
    assert lines[first + 3] == "      Cc:"
    writer.see("X-A-Long-Name-Of-A-Field: value")
    screen.send("y")
    assert len(writer.sent()[0]["To"].addresses) == 20


def test_command_line(writer):
    """A terminal is there: the message is written on the screen."""
    path = writer.tmp / "some file.txt"
    path.write_text("inside\n")
    writer.screen = screen = writer.client.start(
        "-s", "From the shell", "-c", "carl@example.com", "-a", str(path),
        "--", "bob", columns=100, rows=30)
    writer.answer("To: bob", "\r")
    writer.answer("Subject: From the shell", "\r")
    writer.menu()
    writer.see("Cc: carl@example.com")
    writer.see("some file.txt")
    screen.send("y")
    message, = writer.sent()
    assert message["To"] == "Bob Builder <bob@example.net>"
    assert [p.get_content() for p in message.iter_parts()] == [
        "Written in the editor.\n", "inside\n"]


def test_link(writer):
    writer.screen = screen = writer.client.start(
        "mailto:bob@example.net?subject=A%20link&body=Line%0D%0Atwo",
        columns=100, rows=30)
    writer.answer("To: bob@example.net", "\r")
    writer.answer("Subject: A link", "\r")
    writer.menu()
    screen.send("y")
    message, = writer.sent()
    assert message.get_content() == "Line\ntwo\nWritten in the editor.\n"


def test_resume_and_alias(writer):
    done = writer.client.run("-A", "bob")
    assert (done.returncode, done.stdout) == \
        (0, "Bob Builder <bob@example.net>\n")
    assert writer.client.run("-A", "nobody").returncode == 1
    screen = writer.start()
    writer.write(subject="To go on with")
    screen.kill(signal.SIGKILL)
    writer.screen = writer.client.start("-p", columns=100, rows=30)
    writer.menu()
    writer.see("Subject: To go on with")


def complete(writer, typed, expected):
    """Tab until the names have come from the cache."""
    screen = writer.screen
    screen.send("m")
    writer.answer("To: ", typed)
    screen.wait_for("To: " + typed)
    end = time.monotonic() + 60
    while expected not in screen.text():
        assert time.monotonic() < end, screen.text()
        screen.send("\t")
        screen.pump(0.1)
    screen.send("\x07")
    writer.see("Not written.")


def test_complete_from_mail(writer, mail_server):
    now = time.time()
    for n, (to, age) in enumerate([("Zed Often <zed@example.com>", 400),
                                   ("zed@example.com", 300),
                                   ("Zoe Once <zoe@example.com>", 2000),
                                   ("Zora Late <zora@example.com>", 1)]):
        when = email.utils.formatdate(now - age * 86400)
        mail_server.deliver(("From: anna@example.org\nTo: %s\nDate: %s\n"
                        "Message-ID: <%d@sent>\nSubject: s\n\nx\n"
                        % (to, when, n)).encode(), "Sent")
    screen = writer.start()
    screen.send("c=Sent\r")
    writer.see("Zed Often")
    complete(writer, "zed", "To: Zed Often <zed@example.com>")
    complete(writer, "often", "To: Zed Often <zed@example.com>")
    complete(writer, "bobb", "To: bobb")
    screen.send("c!\r")
    writer.see("A list")
    complete(writer, "eve", "To: eve@example.net")
    # The likelier one stands first: the later, and the more often.
    screen.send("m")
    writer.answer("To: ", "zo\t\t")
    writer.see("To: Zora Late <zora@example.com>")
    screen.send("\t")
    writer.see("To: Zoe Once <zoe@example.com>")


def test_query_command(writer):
    writer.script("query", "#!/bin/sh\necho found:\n"
                           "printf 'q1@example.com\\tQuery One\\tx\\n'\n"
                           "printf 'q2@example.com\\t%s\\n' \"$1\"\n")
    writer.option('set query_command = "%s/query %%s"' % writer.tmp)
    screen = writer.start()
    screen.send("m")
    writer.answer("To: ", "a@b.example, it's $x\x14")
    writer.see("To: a@b.example, Query One <q1@example.com>")
    screen.send("\t")
    writer.see("it's $x <q2@example.com>")
    screen.send("\x07")
    writer.see("Not written.")
    screen.send("Q")
    writer.answer("Query: ", "words\r")
    writer.see("To: Query One <q1@example.com>")
    screen.send("\t")
    writer.see("To: words <q2@example.com>")


def test_hooks(writer):
    """Whom it goes to and what it answers decides who writes, where a copy
    goes, what stands in it; the mailbox, how it looks."""
    writer.option("""
send-hook ~A 'set from="Anna Example <anna@example.org>"; unmy_hdr *'
send-hook '~t @example\\.net' 'set from="Work <work@example.com>"'
send-hook '~t @example\\.net' 'my_hdr X-Hook: net'
fcc-hook '~t bob' =Work
reply-hook '~f bob' 'set attribution="The builder wrote:"'
folder-hook . 'set status_format="plain %f"'
folder-hook =Sent 'set status_format="hooked %f"'
""")
    screen = writer.start()
    writer.see("plain INBOX")
    screen.send("1\r")
    screen.send("r")
    writer.answer("To: Bob", "\r")
    writer.answer("Subject: ", "\r")
    writer.answer("Include message", "y")
    writer.menu()
    writer.see("From: Work <work@example.com>")
    writer.see("X-Hook: net")
    writer.see("Fcc: Work")
    writer.see("The builder wrote:")
    screen.send("y")
    writer.sent()
    writer.stored("Work")
    writer.write(to="eve@example.org", subject="Private")
    writer.see("From: Anna Example <anna@example.org>")
    writer.see("Fcc: Sent")
    assert "X-Hook" not in screen.text()
    screen.send("qn")
    writer.back()
    screen.send("c=Sent\r")
    writer.see("hooked Sent")
