# SPDX-License-Identifier: GPL-3.0-or-later
"""What the server and the line allow: the same items, asked for by a client
that draws nothing, keeps nothing and pipelines as well as the protocol lets it.
It waits for the greeting, because it may say anything; it signs in and
selects in one flight."""

import re
import socket
import ssl
import time
import zlib

ITEMS = ("(UID FLAGS INTERNALDATE RFC822.SIZE BODYSTRUCTURE MODSEQ "
         "BODY.PEEK[HEADER.FIELDS (DATE FROM TO CC SUBJECT MESSAGE-ID "
         "REFERENCES IN-REPLY-TO LIST-ID)])")
SCREEN = 50             # messages of a first screen


class Raw:
    def __init__(self, line):
        self.started = time.monotonic()
        self.socket = socket.create_connection((line.host, line.port),
                                               timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if line.tls:
            context = ssl.create_default_context(cafile=line.ca)
            self.socket = context.wrap_socket(self.socket,
                                              server_hostname=line.host)
        self.login = "LOGIN %s %s" % (line.user, line.password)
        self.serial = 0
        self.inflate = self.deflate = None
        self.text = b""         # the last of what came
        self.until(rb"\* OK[^\n]*\n")

    def close(self):
        self.socket.close()

    def send(self, *commands):
        """All in one flight; returns their tags."""
        tags, out = [], b""
        for command in commands:
            self.serial += 1
            tags.append(b"b%d" % self.serial)
            out += b"%s %s\r\n" % (tags[-1], command.encode())
        if self.deflate:
            out = self.deflate.compress(out) + self.deflate.flush(
                zlib.Z_SYNC_FLUSH)
        self.socket.sendall(out)
        return tags

    def until(self, pattern):
        """Reads on until this came; gives the match."""
        while True:
            found = re.search(pattern, self.text)
            if found:
                self.text = self.text[found.end():]
                return found
            data = self.socket.recv(1 << 18)
            if not data:
                raise OSError("the server closed the connection")
            if self.inflate:
                data = self.inflate.decompress(data)
            self.text = self.text[-1000:] + data

    def done(self, tag):
        """Seconds from the start to the end of this command."""
        found = self.until(rb"(?m)^%s (OK|NO|BAD)[^\n]*\n" % tag)
        if found[1] != b"OK":
            raise OSError("refused: %r" % found[0])
        return time.monotonic() - self.started

    def compressed(self):
        """After the server's OK: what follows it is compressed."""
        self.inflate = zlib.decompressobj(-15)
        self.deflate = zlib.compressobj(wbits=-15)
        self.text = self.inflate.decompress(self.text)

    def select(self, how="(CONDSTORE)"):
        """Signs in and selects; returns (messages, UIDVALIDITY, MODSEQ)."""
        tags = self.send(self.login, "ENABLE QRESYNC", "SELECT INBOX " + how)
        exists = int(self.until(rb"\* (\d+) EXISTS\r\n")[1])
        validity = int(self.until(rb"UIDVALIDITY (\d+)")[1])
        modseq = int(self.until(rb"HIGHESTMODSEQ (\d+)")[1])
        return tags[-1], exists, validity, modseq


def cold(line, count):
    """First screen and whole fill: dict of row names to values."""
    before = count()
    raw = Raw(line)
    _, exists, _, _ = raw.select()
    window = "FETCH %d:%d %s" % (max(1, exists - SCREEN + 1), exists, ITEMS)
    compress = exists > SCREEN
    tags = raw.send(window, *["COMPRESS DEFLATE"] * compress)
    # Dovecot may say the OK of FETCH after the one of COMPRESS.
    result = {"cold": raw.done(tags[-1])}
    between = count()
    result["cold-bytes"] = (between - before).down
    result["cold-flights"] = (between - before).flights
    if compress:
        raw.compressed()
        tag, = raw.send("FETCH 1:%d %s" % (exists - SCREEN, ITEMS))
        result["fill"] = raw.done(tag)
    else:
        result["fill"] = result["cold"]
    result["fill-bytes"] = (count() - before).down
    raw.close()
    return result


def state(line):
    """(UIDVALIDITY, HIGHESTMODSEQ, UIDNEXT) as a client leaves them."""
    raw = Raw(line)
    tag, = raw.send(raw.login)
    raw.done(tag)
    raw.send("STATUS INBOX (UIDVALIDITY HIGHESTMODSEQ UIDNEXT)")
    text = raw.until(rb"\* STATUS[^\n]*\n")[0]
    raw.close()
    return tuple(int(re.search(rb"%s (\d+)" % name, text)[1]) for name in (
        b"UIDVALIDITY", b"HIGHESTMODSEQ", b"UIDNEXT"))


def resync(line, count, known):
    """A bare QRESYNC dialogue, and the rows of what is new."""
    before = count()
    raw = Raw(line)
    tag = raw.select("(QRESYNC (%d %d))" % known[:2])[0]
    raw.done(tag)
    tag, = raw.send("UID FETCH %d:* %s" % (known[2], ITEMS))
    result = {"delta-seen": raw.done(tag)}
    result["delta-bytes"] = (count() - before).down
    raw.close()
    return result


def message(line, count, section):
    """The text of the last message, its structure known."""
    raw = Raw(line)
    raw.done(raw.select()[0])
    before = count()
    at = time.monotonic()
    tag, = raw.send("FETCH * (BODY.PEEK[HEADER] BODY.PEEK[%s])" % section)
    raw.done(tag)
    ended = time.monotonic()
    raw.close()
    return ended - at, (count() - before).down


def told(line, ready, stop):
    """IDLE: when the server tells of new mail. For a thread of its own."""
    raw = Raw(line)
    raw.done(raw.select()[0])
    raw.send("IDLE")
    raw.until(rb"\+ [^\n]*\n")
    ready.set()
    raw.socket.settimeout(60)
    try:
        raw.until(rb"\* \d+ EXISTS\r\n")
        stop.append(time.monotonic())
    except OSError:
        pass
    raw.close()
