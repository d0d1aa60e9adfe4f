# SPDX-License-Identifier: GPL-3.0-or-later
"""A sample mailbox: the same one for the same seed, size and time.

    sample = Sample(size=320, seed=1, now=1700000000)
    for mail in sample.mails(): ...        # all folders
    for mail in sample.arrivals(): ...     # endless: new mail for INBOX
    write_maildir(root, sample)            # a Maildir tree, LAYOUT=fs, UTF-8

The newest messages are conversations between people, in several languages,
charsets and forms; below them older notes and notices fill up to `size`
messages in INBOX. Nothing here is read from the clock or from the disk.
"""

import base64
import os
import quopri
import random
import re
import textwrap
import time
from functools import lru_cache
from typing import NamedTuple

import sample_text as text

DAY = 86400
BASE64_CHARSETS = {"gb18030", "euc-kr", "koi8-r"}

# Name, special use or None, subscribed.
FOLDERS = [
    ("INBOX", None, True),
    ("Archive", "\\Archive", True),
    ("Archive/2024", None, False),
    ("Archive/2025", None, False),
    ("Drafts", "\\Drafts", True),
    ("Sent", "\\Sent", True),
    ("Junk", "\\Junk", True),
    ("Trash", "\\Trash", True),
    ("Family", None, True),
    ("Lists/numerics-devel", None, True),
    ("Lists/allotment", None, True),
    ("Projekte/Brücke", None, True),
    ("Projekte/Wärmepumpe", None, True),
    ("Наблюдения", None, True),
    ("写真", None, True),
]


class Mail(NamedTuple):
    folder: str
    when: int
    flags: str      # Maildir letters, sorted: "", "S", "FRS"
    data: bytes     # lines end in LF


def encoded_words(value, charset):
    """RFC 2047: words of 75 characters at most, whole characters each."""
    words, piece = [], ""
    limit = 70 - len(charset)
    for char in value + "\0":
        coded = base64.b64encode((piece + char).encode(charset, "replace"))
        if char == "\0" or len(coded) > limit:
            packed = base64.b64encode(piece.encode(charset, "replace"))
            words.append("=?%s?B?%s?=" % (charset, packed.decode()))
            piece = ""
        piece += char
    return "\n ".join(words)


@lru_cache(maxsize=4096)
def header_text(value, charset):
    if value.isascii():
        return value
    try:
        value.encode(charset)
    except UnicodeEncodeError:
        charset = "utf-8"
    return encoded_words(value, charset)


@lru_cache(maxsize=4096)
def address(person, charset="utf-8"):
    name, addr = person
    coded = header_text(name, charset)
    if coded == name and not name.replace(" ", "").isalnum():
        coded = '"%s"' % name
    return "%s <%s>" % (coded, addr)


WEEK = "Mon Tue Wed Thu Fri Sat Sun".split()
YEAR = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
ZONES = {"kr": 9, "cn": 8, "in": 5.5, "gr": 2, "il": 2, "com": -5}


def date_field(when, host):
    """RFC 5322, in English whatever the locale, in the sender's zone."""
    minutes = int(ZONES.get(host.rsplit(".", 1)[1], 1) * 60)
    at = time.gmtime(when + minutes * 60)
    return "%s, %02d %s %d %02d:%02d:%02d %s%02d%02d" % (
        WEEK[at.tm_wday], at.tm_mday, YEAR[at.tm_mon - 1], at.tm_year,
        at.tm_hour, at.tm_min, at.tm_sec, "-" if minutes < 0 else "+",
        abs(minutes) // 60, abs(minutes) % 60)


def flow(body):
    """format=flowed (RFC 3676): a line that goes on ends in a space."""
    out = []
    for paragraph in body.split("\n\n"):
        lines = paragraph.split("\n")
        if len(lines[0]) < 50:
            out.append(paragraph)
        else:
            joined = " ".join(lines)
            out.append(" \n".join(textwrap.wrap(joined, 70)))
    return "\n\n".join(out)


def text_entity(body, charset, subtype="plain", parameters=""):
    """Header fields and content of one text part."""
    if not body.endswith("\n"):
        body += "\n"
    if body.isascii():
        charset = "us-ascii"
    try:
        raw = body.encode(charset)
    except UnicodeEncodeError:
        charset, raw = "utf-8", body.encode()
    if charset in ("us-ascii", "iso-2022-jp"):
        coding = "7bit"
    elif charset in BASE64_CHARSETS:
        coding, raw = "base64", base64.encodebytes(raw)
    elif charset == "utf-8" and len(raw) % 3:
        coding = "8bit"
    else:
        coding, raw = "quoted-printable", quopri.encodestring(raw)
    head = ("Content-Type: text/%s; charset=%s%s\n"
            "Content-Transfer-Encoding: %s\n\n"
            % (subtype, charset, parameters, coding))
    return head.encode() + raw


def rfc2231(name):
    if name.isascii():
        return ' filename="%s"' % name
    quoted = "".join("%%%02X" % c if c > 126 or c in b" %'*" else chr(c)
                     for c in name.encode())
    return " filename*=utf-8''" + quoted


def attachment_data(name, kind, size, seed):
    rng = random.Random(seed + ":" + name)
    if kind == "text/csv":
        rows = ["2025-03-%02d;%.3f;%.2f" % (day, rng.uniform(9, 12),
                                            rng.uniform(0, 0.4))
                for day in range(1, 32)]
        return ("date;magnitude;extinction\n" + "\n".join(rows)).encode()
    if kind == "text/plain":
        return ("\n".join("%3d. %s" % (i + 1, rng.choice(text.NOTES)[0])
                          for i in range(size // 40))).encode()
    magic = {"image/jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF\0",
             "application/pdf": b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"}
    return magic.get(kind, b"PK\x03\x04") + rng.randbytes(size)


def attachment_entity(name, kind, size, seed):
    data = attachment_data(name, kind, size, seed)
    return (("Content-Type: %s\nContent-Disposition: attachment;%s\n"
             "Content-Transfer-Encoding: base64\n\n" % (kind, rfc2231(name)))
            .encode() + base64.encodebytes(data))


def multipart(subtype, entities, boundary):
    out = [('Content-Type: multipart/%s; boundary="%s"\n\n'
            % (subtype, boundary)).encode()]
    for entity in entities:
        out.append(b"--%s\n" % boundary.encode() + entity + b"\n")
    out.append(b"--%s--\n" % boundary.encode())
    return b"".join(out)


def body_entity(body, options, ident):
    charset = options.get("charset", "utf-8")
    html = options.get("html")
    if options.get("flowed"):
        entity = text_entity(flow(body), charset, "plain", "; format=flowed")
    elif body is None:
        entity = text_entity(html, charset, "html")
    else:
        entity = text_entity(body, charset)
    if body is not None and html:
        entity = multipart("alternative",
                           [entity, text_entity(html, charset, "html")],
                           "=_alt_" + ident)
    attachments = options.get("attach")
    if attachments:
        parts = [attachment_entity(*a, seed=ident) for a in attachments]
        entity = multipart("mixed", [entity] + parts, "=_mix_" + ident)
    return entity


def message(sender, to, subject, when, ident, body, options=None, refs=()):
    """One whole message with the header fields that real ones have."""
    options = options or {}
    charset = options.get("charset", "utf-8")
    host = sender[1].split("@")[1]
    date = date_field(when, host)
    lines = [
        "Return-Path: <%s>" % sender[1],
        "Received: from mail.%s (mail.%s [192.0.2.%d])" % (
            host, host, when % 250 + 1),
        "\tby mx.example.org (Postfix) with ESMTPS id %s" % ident[:10].upper(),
        "\tfor <anna@example.org>; %s" % date,
        "From: " + address(sender, charset),
        "To: " + ",\n ".join(address(p, charset) for p in to),
    ]
    if options.get("cc"):
        lines.append("Cc: " + ",\n ".join(
            address(text.PEOPLE[p]) for p in options["cc"]))
    lines += [
        "Subject: " + header_text(subject, charset),
        "Date: " + date,
        "Message-ID: <%s@%s>" % (ident, host),
    ]
    if refs:
        lines.append("In-Reply-To: " + refs[-1])
        lines.append("References: " + "\n ".join(refs))
    lines += options.get("headers", [])
    lines.append("MIME-Version: 1.0\n")
    return "\n".join(lines).encode() + body_entity(body, options, ident)


def quote(body, sender, when):
    """The beginning of a reply, the way people quote."""
    day = time.strftime("%Y-%m-%d %H:%M", time.gmtime(when))
    lines = [line for line in (body or "").split("\n") if line.strip()][:4]
    return "On %s, %s wrote:\n%s\n\n" % (
        day, sender[0], "\n".join("> " + line for line in lines))


def flag_letters(seen, flagged=False, answered=False, draft=False):
    return "".join(letter for letter, on in (
        ("D", draft), ("F", flagged), ("R", answered), ("S", seen)) if on)


class Sample:
    def __init__(self, size=320, seed=1, now=1_700_000_000):
        self.size = size
        self.seed = seed
        self.now = now
        self.roots = []     # (subject, person, reference) of INBOX threads

    def person(self, key):
        return text.ME if key == "me" else text.PEOPLE[key]

    def _conversation(self, index, subject, turns, start, pace, listed):
        """Yields (turn number, sender key, Mail without its folder)."""
        rng = random.Random("%d/%s/%d" % (self.seed, subject, listed))
        idents, whens, chains = [], [], []
        for number, (who, parent, body, options) in enumerate(turns):
            ident = "%x.%d.%d" % (rng.getrandbits(40), index, number)
            sender = self.person(who)
            step = int(pace * rng.uniform(0.2, 1.0))
            when = (whens[parent] if parent is not None else start) + step
            when = min(when, self.now - 120 * (len(turns) - number))
            refs, title = [], subject
            if parent is not None:
                refs = chains[parent] + ["<%s@%s>" % (
                    idents[parent],
                    self.person(turns[parent][0])[1].split("@")[1])]
                title = "Re: " + subject
                if not body.startswith(">"):
                    up = turns[parent]
                    body = quote(up[2], self.person(up[0]),
                                 whens[parent]) + body
            idents.append(ident)
            whens.append(when)
            chains.append(refs)
            to = [text.ME] if who != "me" else [self.person(
                turns[parent][0] if parent is not None else "bob")]
            if listed:
                to = [("numerics development", text.LIST_ADDRESS)]
                options = dict(options, headers=self._list_headers())
            answered = any(t[1] == number and t[0] == "me" for t in turns)
            marks = options.get("flags", "")
            flags = flag_letters("U" not in marks, "F" in marks, answered)
            data = message(sender, to, title, when, ident, body, options,
                           refs)
            if number == 0 and not listed:
                self.roots.append((subject, who, "<%s@%s>" % (
                    ident, sender[1].split("@")[1])))
            yield number, who, Mail("", when, flags, data)

    @staticmethod
    def _list_headers():
        name = text.LIST_NAME
        return ["List-Id: Development of numerics <%s.lists.example.org>"
                % name,
                "List-Post: <mailto:%s>" % text.LIST_ADDRESS,
                "List-Unsubscribe: <mailto:%s-leave@lists.example.org>" % name,
                "Precedence: list"]

    def _conversations(self):
        n = len(text.CONVERSATIONS)
        for i, (subject, turns) in enumerate(text.CONVERSATIONS):
            start = self.now - int((n - i) * 0.9 * DAY) - DAY
            for _, who, mail in self._conversation(i, subject, turns, start,
                                                   0.9 * DAY, False):
                if who == "me":
                    yield mail._replace(folder="Sent", flags="S")
                if who != "me" or i % 2 == 0:
                    yield mail._replace(folder="INBOX")
        for i, (subject, turns) in enumerate(text.LIST_CONVERSATIONS):
            start = self.now - (5 - i) * 2 * DAY - DAY
            for _, _, mail in self._conversation(100 + i, subject, turns,
                                                 start, 0.6 * DAY, True):
                yield mail._replace(folder="Lists/numerics-devel")
                if i in (0, 1, 4):
                    yield mail._replace(folder="INBOX")

    def _numbers(self, rng):
        return {"n": rng.randrange(1000, 9999), "a": rng.randrange(3, 60),
                "b": rng.randrange(10, 59), "day": rng.randrange(10, 22),
                "minutes": rng.randrange(5, 55),
                "branch": rng.choice(text.BRANCHES),
                "weekday": rng.choice(text.WEEKDAYS),
                "who": rng.choice(["Uma", "Vikas", "Sam", "Greta"])}

    def small(self, serial, when):
        """One note or notice; the same for the same serial number."""
        rng = random.Random(self.seed * 1_000_003 + serial)
        numbers = self._numbers(rng)
        ident = "%x.s%d" % (rng.getrandbits(40), serial)
        if rng.random() < 0.45:
            name, addr, subject, body, html = rng.choice(text.NOTICES)
            options = {"html": html.format(**numbers) if html else None}
            return message((name, addr), [text.ME], subject.format(**numbers),
                           when, ident,
                           body.format(**numbers) if body else None, options)
        sender = text.PEOPLE[rng.choice(list(text.PEOPLE))]
        subject, body = rng.choice(text.NOTES)
        options = {}
        if subject.startswith(("Invoice", "Slides")):
            options["attach"] = [("%s.pdf" % subject.split()[0].lower(),
                                  "application/pdf",
                                  rng.randrange(800, 6000))]
        body = body.format(**numbers) + "\n\n" + sender[0].split()[0] + "\n"
        return message(sender, [text.ME], subject.format(**numbers), when,
                       ident, body, options)

    def _fillers(self, count):
        """Older mail: 12 a day at first, then denser, back in time."""
        rng = random.Random("%d/fillers" % self.seed)
        when = self.now - 600
        for serial in range(count):
            when -= int(rng.expovariate(1 / (7200 if serial < 600 else 900)))
            recent = self.now - when < 3 * DAY
            seen = rng.random() > (0.35 if recent else 0.02)
            flags = flag_letters(seen, rng.random() < 0.03,
                                 seen and rng.random() < 0.12)
            yield Mail("INBOX", when, flags, self.small(serial, when))

    def _oddities(self):
        """What a mailbox collects: no subject, long lines, a broken part."""
        me, day = [text.ME], DAY
        bob = text.PEOPLE["bob"]
        when = self.now - 2 * day
        yield Mail("INBOX", when, "S", message(
            bob, me, "", when, "odd.0", "(the picture is on the other phone)"))
        when = self.now - 5 * day
        line = "; ".join("%d °C at %d:00" % (h % 7 + 3, h) for h in range(24))
        yield Mail("INBOX", when, "S", message(
            text.PEOPLE["sam"], me, "The whole log in one line", when,
            "odd.1", "Here it is, sorry for the format: " + line * 3))
        when = self.now - 9 * day
        yield Mail("INBOX", when, "S", message(
            text.PEOPLE["zoe"], me, "Fwd: the form (second attempt)", when,
            "odd.2", "Does it open now?",
            {"attach": [("form.pdf", "application/pdf", 900)]})
            .rsplit(b"\n--=_mix", 1)[0])

    def _others(self):
        rng = random.Random("%d/others" % self.seed)
        me, serial = [text.ME], 500_000_000
        for folder, count in (("Archive", 40), ("Archive/2024", 60),
                              ("Archive/2025", 80), ("Trash", 12),
                              ("Family", 9), ("Lists/allotment", 14),
                              ("Projekte/Brücke", 22),
                              ("Projekte/Wärmepumpe", 7),
                              ("Наблюдения", 11), ("写真", 6)):
            unread = rng.randrange(0, 4) if "/" in folder else 0
            for i in range(count):
                serial += 1
                when = self.now - int(rng.uniform(1, 300) * DAY)
                flags = "" if i < unread else "S"
                yield Mail(folder, when, flags, self.small(serial, when))
        for i in range(8):
            name, addr, subject, body = text.JUNK[i % len(text.JUNK)]
            numbers, when = self._numbers(rng), self.now - i * DAY - 900
            yield Mail("Junk", when, "", message(
                (name, addr), me, subject.format(**numbers), when,
                "junk.%d" % i, body.format(**numbers)))
        for i, key in enumerate(("maya", "tove")):
            when = self.now - (i + 1) * DAY
            yield Mail("Drafts", when, "DS", message(
                text.ME, [text.PEOPLE[key]], "An idea for the spring", when,
                "draft.%d" % i, "Dear %s,\n\n" % text.PEOPLE[key][0]))

    def mails(self):
        """All messages of all folders, `size` of them in INBOX."""
        left = self.size
        self.roots = []
        for source in (self._conversations(), self._oddities()):
            for mail in source:
                if mail.folder != "INBOX":
                    yield mail
                elif left > 0:
                    left -= 1
                    yield mail
        yield from self._fillers(left)
        yield from self._others()

    @staticmethod
    def restamped(mail, when):
        """The same mail, sent at another time."""
        return mail._replace(when=when, data=re.sub(
            rb"^Date: .*$", b"Date: " + date_field(when, "org.org").encode(),
            mail.data, count=1, flags=re.MULTILINE))

    def arrivals(self, start=None):
        """Endless new mail; the caller sets the pace. Needs no mails()."""
        rng = random.Random("%d/arrivals" % self.seed)
        if not self.roots:
            list(self._conversations())
        serial = 0
        while True:
            serial += 1
            when = (start or self.now) + serial * 30
            if serial % 3:
                data = self.small(900_000_000 + serial, when)
            else:
                subject, who, ref = rng.choice(self.roots)
                answer = rng.choice(REPLIES)
                sender = text.PEOPLE[rng.choice(list(text.PEOPLE))]
                data = message(sender, [text.ME], "Re: " + subject, when,
                               "new.%d" % serial, answer, refs=[ref])
            yield Mail("INBOX", when, "", data)


REPLIES = [
    "One more thing before I forget: I can do it, but not before Wednesday.",
    "That is a good point. Let us talk about it when you are back.",
    "Agreed. Whoever gets there first puts the kettle on.",
    "I had the same thought last week and then lost the piece of paper.",
    "Could you send me the numbers again? The file arrived empty.",
]


def maildir_path(root, folder):
    return os.path.join(root, *folder.split("/"))


def make_maildir(root, folder):
    path = maildir_path(root, folder)
    for part in ("cur", "new", "tmp"):
        os.makedirs(os.path.join(path, part), mode=0o700, exist_ok=True)
    return path


def write_mail(path, mail, number):
    """Into a Maildir that no server reads yet: no detour over tmp/."""
    lines = mail.data.count(b"\n")
    name = "%d.M%dP1.sample,S=%d,W=%d:2,%s" % (
        mail.when, number, len(mail.data), len(mail.data) + lines, mail.flags)
    name = os.path.join(path, "cur", name)
    fd = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(fd, mail.data)
        os.utime(fd, (mail.when, mail.when))
    finally:
        os.close(fd)


def write_maildir(root, sample):
    """Writes all of it as Maildir (LAYOUT=fs:UTF-8). Returns how many."""
    paths = {name: make_maildir(root, name) for name, _, _ in FOLDERS}
    number = 0
    for number, mail in enumerate(sample.mails(), 1):
        write_mail(paths[mail.folder], mail, number)
    with open(os.path.join(root, "subscriptions"), "w",
              encoding="utf-8") as out:
        for name, _, subscribed in FOLDERS:
            if subscribed:
                out.write(name + "\n")
    return number
