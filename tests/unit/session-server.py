#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small IMAP server on standard input and output, for test-session.

    session-server.py DIRECTORY [CAPABILITY...] [fault=NAME...]

Its mailboxes are in DIRECTORY/state.json and outlive a connection; the lines
a client sent are appended to DIRECTORY/log. A test acts as another client by
renaming a file to DIRECTORY/control, a line a command:

    new MAILBOX SUBJECT...      expunge MAILBOX UID     flag MAILBOX UID FLAG
    unflag MAILBOX UID FLAG     validity MAILBOX N      drop

While there is a file DIRECTORY/refuse, no connection succeeds. With fault=hold
rows asked for by UID are not answered before there is a file DIRECTORY/go.
Names of faults may be in DIRECTORY/faults, too.
"""
import json
import os
import re
import select
import sys

DIR = sys.argv[1]
CAPS = [a for a in sys.argv[2:] if "=" not in a or a.startswith("AUTH=")]
FAULTS = {a[6:] for a in sys.argv[2:] if a.startswith("fault=")}
if os.path.exists(os.path.join(DIR, "faults")):
    with open(os.path.join(DIR, "faults"), encoding="utf-8") as lines:
        FAULTS |= set(lines.read().split())
STATE = os.path.join(DIR, "state.json")
CONTROL = os.path.join(DIR, "control")
DIED = os.path.join(DIR, "died")
FIELD_ITEM = re.compile(r"BODY\.PEEK\[([^\]]*)\]", re.I)


def load():
    with open(STATE, encoding="utf-8") as f:
        return json.load(f)


def message(uid, subject, size=0):
    body = "Body of message %d.\r\n" % uid
    body += ("x" * 70 + "\r\n") * (size // 72)
    return (
        "Date: Fri, 20 Nov 2026 12:%02d:%02d +0000\r\n"
        "From: Anna Example <anna@example.org>\r\n"
        "To: Bob <bob@example.org>\r\n"
        "Subject: %s\r\n"
        "Message-ID: <m%d@example.org>\r\n"
        "\r\n%s" % (uid // 60 % 60, uid % 60, subject, uid, body))


class Server:
    def __init__(self):
        self.state = load()
        self.box = None         # name of the selected mailbox
        self.view = []          # UIDs by sequence number, as the client knows
        self.seen_modseq = 0
        self.qresync = False
        self.idle = None        # tag
        self.buffer = b""
        self.held = []          # commands not answered yet
        self.meanwhile()

    def meanwhile(self):
        """What happened to INBOX while nobody looked."""
        box = self.state["boxes"]["INBOX"]
        if "renumber" in FAULTS:
            box["validity"] += 1
        if "swap" in FAULTS:
            box["mail"]["4"]["text"] = box["mail"]["5"]["text"]
        if "lose" in FAULTS and "4" in box["mail"]:
            self.remove(box, 4)
        if FAULTS & {"renumber", "swap", "lose"}:
            self.save()

    # ---- wire ----
    def say(self, text):
        sys.stdout.buffer.write(text.encode("latin-1") + b"\r\n")
        sys.stdout.buffer.flush()

    def save(self):
        with open(STATE + ".new", "w", encoding="utf-8") as f:
            json.dump(self.state, f)
        os.rename(STATE + ".new", STATE)

    def log(self, line):
        with open(os.path.join(DIR, "log"), "a", encoding="utf-8") as f:
            f.write(line + "\n")

    # ---- mailboxes ----
    def mails(self):
        return self.state["boxes"][self.box]["mail"]

    def modseq(self):
        self.state["modseq"] += 1
        return self.state["modseq"]

    def control(self):
        if self.held and os.path.exists(DIR + "/go"):
            held, self.held = self.held, []
            for command in held:
                self.fetch(*command)
        try:
            with open(CONTROL, encoding="utf-8") as f:
                lines = f.read().splitlines()
        except FileNotFoundError:
            return
        os.unlink(CONTROL)
        for line in lines:
            self.control_line(line.split(" "))
        self.save()
        if self.idle:
            self.news()

    def control_line(self, words):
        if words[0] == "drop":
            sys.exit(0)
        box = self.state["boxes"][words[1]]
        if words[0] == "new":
            uid = box["uidnext"]
            box["uidnext"] += 1
            box["mail"][str(uid)] = {
                "flags": [], "modseq": self.modseq(),
                "text": message(uid, " ".join(words[2:]))}
        elif words[0] == "validity":
            box["validity"] = int(words[2])
        else:
            mail = box["mail"][words[2]]
            mail["modseq"] = self.modseq()
            if words[0] == "expunge":
                del box["mail"][words[2]]
                box["gone"].append([int(words[2]), self.modseq()])
            elif words[0] == "flag":
                mail["flags"].append(words[3])
            elif words[0] == "unflag":
                mail["flags"].remove(words[3])

    def news(self):
        """What changed since the client was told."""
        if self.box is None:
            return
        mails = self.mails()
        for seq in range(len(self.view), 0, -1):
            uid = self.view[seq - 1]
            if str(uid) not in mails:
                del self.view[seq - 1]
                self.say("* VANISHED %d" % uid if self.qresync
                         else "* %d EXPUNGE" % seq)
        fresh = sorted(set(map(int, mails)) - set(self.view))
        known_new = set(fresh)
        if fresh:
            self.view += fresh
            self.say("* %d EXISTS" % len(self.view))
        for seq, uid in enumerate(self.view, 1):
            mail = mails[str(uid)]
            if mail["modseq"] > self.seen_modseq and uid not in known_new:
                self.say("* %d FETCH (%s)" % (seq, self.flags(uid)))
        self.seen_modseq = self.state["modseq"]

    def flags(self, uid):
        mail = self.mails()[str(uid)]
        return "UID %d FLAGS (%s) MODSEQ (%d)" % (
            uid, " ".join(mail["flags"]), mail["modseq"])

    # ---- commands ----
    def select(self, tag, rest):
        name = re.match(r'"?([^" ]+)"?', rest).group(1)
        if self.qresync and self.box is not None:
            self.say("* OK [CLOSED] the one before")
        if name not in self.state["boxes"]:
            self.box = None
            self.say("%s NO [NONEXISTENT] no such mailbox" % tag)
            return
        self.box = name
        box = self.state["boxes"][name]
        self.view = sorted(map(int, box["mail"]))
        self.seen_modseq = self.state["modseq"]
        self.say("* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)")
        self.say("* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted "
                 "\\Seen \\Draft \\*)] ok")
        self.say("* %d EXISTS" % len(self.view))
        self.say("* 0 RECENT")
        self.say("* OK [UIDVALIDITY %d] ok" % box["validity"])
        self.say("* OK [UIDNEXT %d] ok" % box["uidnext"])
        if "CONDSTORE" in CAPS or "QRESYNC" in CAPS:
            self.say("* OK [HIGHESTMODSEQ %d] ok" % self.state["modseq"])
        found = re.search(r"\(QRESYNC \((\d+) (\d+)", rest, re.I)
        if found and int(found.group(1)) == box["validity"]:
            since = int(found.group(2))
            gone = [u for u, m in box["gone"] if m > since]
            if gone:
                self.say("* VANISHED (EARLIER) %s" % ",".join(map(str, gone)))
            for seq, uid in enumerate(self.view, 1):
                if box["mail"][str(uid)]["modseq"] > since:
                    self.say("* %d FETCH (%s)" % (seq, self.flags(uid)))
        self.say("%s OK [READ-WRITE] selected" % tag)

    def chosen(self, text, by_uid):
        last = (self.view[-1] if by_uid else len(self.view)) \
            if self.view else 0
        for part in text.split(","):
            low, _, high = part.partition(":")
            low = last if low == "*" else int(low)
            high = low if not high else last if high == "*" else int(high)
            low, high = min(low, high), max(low, high)
            for seq, uid in enumerate(self.view, 1):
                if low <= (uid if by_uid else seq) <= high:
                    yield seq, uid

    def fetch(self, tag, rest, by_uid):
        which, _, items = rest.partition(" ")
        if "hold" in FAULTS and by_uid and "BODYSTRUCTURE" in items and \
                not os.path.exists(DIR + "/go"):
            self.held.append((tag, rest, by_uid))
            return
        since = re.search(r"CHANGEDSINCE (\d+)", items, re.I)
        poison = "poison" in FAULTS and "BODYSTRUCTURE" in items
        for seq, uid in self.chosen(which, by_uid):
            if str(uid) not in self.mails():
                continue
            mail = self.mails()[str(uid)]
            if since and mail["modseq"] <= int(since.group(1)):
                continue
            if poison and uid == 7:
                self.say("%s NO [SERVERBUG] cannot read a message" % tag)
                return
            self.fetch_one(seq, uid, mail, items)
        if by_uid:
            self.news()
        self.say("%s OK done" % tag)

    def fetch_one(self, seq, uid, mail, items):
        out = []
        if "uid-less" not in FAULTS:
            out.append(self.flags(uid))
        text = mail["text"]
        out.append('INTERNALDATE "20-Nov-2026 12:00:00 +0000"')
        out.append("RFC822.SIZE %d" % len(text))
        header, _, body = text.partition("\r\n\r\n")
        header += "\r\n\r\n"
        if "BODYSTRUCTURE" in items:
            out.append('BODYSTRUCTURE ("TEXT" "PLAIN" ("CHARSET" "utf-8") '
                       'NIL NIL "8BIT" %d 1)' % len(body))
        cut = "cut" in FAULTS and not os.path.exists(DIR + "/cut")
        for section in FIELD_ITEM.findall(items):
            data = header if section.upper().startswith("HEADER") else \
                body if section == "1" else text
            if cut and not section.upper().startswith("HEADER.F"):
                with open(DIR + "/cut", "w", encoding="utf-8"):
                    pass
                self.say("* %d FETCH (%s BODY[%s] {%d}\r\n%s" % (
                    seq, " ".join(out), section, len(data), data[:50]))
                sys.exit(0)
            if "huge" in FAULTS and not section.upper().startswith("HEADER.F"):
                self.say("* %d FETCH (BODY[] {4294967296}" % seq)
                while True:
                    self.say("x" * 70)
            out.append("BODY[%s] {%d}\r\n%s" % (section, len(data), data))
        self.say("* %d FETCH (%s)" % (seq, " ".join(out)))

    def store(self, tag, rest):
        which, action, flags = rest.split(" ", 2)
        for seq, uid in self.chosen(which, True):
            mail = self.mails()[str(uid)]
            for flag in flags.strip("()").split():
                if action[0] == "+" and flag not in mail["flags"]:
                    mail["flags"].append(flag)
                elif action[0] == "-" and flag in mail["flags"]:
                    mail["flags"].remove(flag)
            mail["modseq"] = self.modseq()
            self.say("* %d FETCH (UID %d MODSEQ (%d))" % (
                seq, uid, mail["modseq"]))
        self.seen_modseq = self.state["modseq"]
        self.save()
        self.say("%s OK stored" % tag)

    def remove(self, box, uid):
        """Of a mailbox, with the EXPUNGE to come."""
        box["mail"].pop(str(uid))
        box["gone"].append([uid, self.modseq()])

    def transfer(self, tag, rest, move):
        """COPY and MOVE. fault=die-*: done, but never answered."""
        which, name = rest.rsplit(" ", 1)
        target = self.state["boxes"].get(name.strip('"'))
        if target is None:
            self.say("%s NO [TRYCREATE] no such mailbox" % tag)
            return
        verb = "move" if move else "copy"
        if "full" in FAULTS:
            self.say("%s NO [OVERQUOTA] quota exceeded" % tag)
            return
        source, there = [], []
        for _, uid in self.chosen(which, True):
            if str(uid) not in self.mails():
                continue
            mail = dict(self.mails()[str(uid)], modseq=self.modseq())
            new = target["uidnext"]
            target["uidnext"] += 1
            target["mail"][str(new)] = mail
            source.append(str(uid))
            there.append(str(new))
            if move:
                self.remove(self.state["boxes"][self.box], uid)
        self.save()
        if "die-" + verb in FAULTS and not os.path.exists(DIED):
            open(DIED, "w").close()
            sys.exit(0)
        code = ""
        if source and "UIDPLUS" in CAPS and "no-copyuid" not in FAULTS:
            code = "[COPYUID %d %s %s] " % (
                target["validity"], ",".join(source), ",".join(there))
        if move and code:
            self.say("* OK %smoved" % code)
            code = ""
        if move:
            self.news()
        self.say("%s OK %sdone" % (tag, code))

    def expunge(self, tag, rest):
        if "no-expunge" in FAULTS:
            self.say("%s NO not here" % tag)
            return
        box = self.state["boxes"][self.box]
        for _, uid in self.chosen(rest, True):
            mail = self.mails().get(str(uid))
            if mail is not None and "\\Deleted" in mail["flags"]:
                self.remove(box, uid)
        self.save()
        self.news()
        self.say("%s OK done" % tag)

    def search(self, tag, rest):
        uids = [str(u) for u in self.view if str(u) in self.mails()]
        words = rest.split(" ")
        if words[0].upper() == "HEADER":
            wanted = "message-id: <%s>\r" % words[2].strip('<">').lower()
            uids = [u for u in uids
                    if wanted in self.mails()[u]["text"].lower()]
        if "RETURN" in rest.upper():
            text = ",".join(uids)
            self.say('* ESEARCH (TAG "%s") UID%s' % (
                tag, " ALL " + text if text else ""))
        else:
            self.say(" ".join(["* SEARCH"] + uids))
        self.say("%s OK done" % tag)

    def status(self, tag, rest):
        name = re.match(r'"?([^" ]+)"?', rest).group(1)
        box = self.state["boxes"].get(name)
        if box is None:
            self.say("%s NO no such mailbox" % tag)
            return
        unseen = sum("\\Seen" not in m["flags"] for m in box["mail"].values())
        self.say('* STATUS "%s" (MESSAGES %d UNSEEN %d UIDNEXT %d '
                 'UIDVALIDITY %d)' % (name, len(box["mail"]), unseen,
                                      box["uidnext"], box["validity"]))
        self.say("%s OK done" % tag)

    def list(self, tag, verb):
        for name in self.state["boxes"]:
            role = " \\Sent" if name == "Sent" else ""
            self.say('* %s (\\HasNoChildren%s) "/" "%s"' % (verb, role, name))
        self.say("%s OK done" % tag)

    def command(self, line):
        self.log(line)
        if self.idle:
            if line.upper() == "DONE":
                tag, self.idle = self.idle, None
                if "deaf" not in FAULTS:
                    self.say("%s OK idled" % tag)
            return
        tag, _, rest = line.partition(" ")
        verb, _, rest = rest.partition(" ")
        verb = verb.upper()
        by_uid = verb == "UID"
        if by_uid:
            verb, _, rest = rest.partition(" ")
            verb = verb.upper()
        self.control()
        if verb in ("NOOP", "CHECK"):
            self.news()
            self.say("%s OK done" % tag)
        elif verb == "CAPABILITY":
            self.say("* CAPABILITY IMAP4rev1 " + " ".join(CAPS))
            self.say("%s OK done" % tag)
        elif verb == "ENABLE":
            self.qresync = "QRESYNC" in rest.upper()
            self.say("* ENABLED " + rest)
            self.say("%s OK done" % tag)
        elif verb == "NAMESPACE":
            self.say('* NAMESPACE (("" "/")) NIL NIL')
            self.say("%s OK done" % tag)
        elif verb == "ID":
            self.say('* ID ("name" "test")')
            self.say("%s OK done" % tag)
        elif verb == "IDLE":
            self.idle = tag
            self.say("+ idling")
            self.news()
        elif verb in ("SELECT", "EXAMINE"):
            self.select(tag, rest)
        elif verb == "FETCH":
            self.fetch(tag, rest, by_uid)
        elif verb == "STORE":
            self.store(tag, rest)
        elif verb in ("COPY", "MOVE"):
            self.transfer(tag, rest, verb == "MOVE")
        elif verb == "EXPUNGE" and by_uid:
            self.expunge(tag, rest)
        elif verb == "SEARCH":
            self.search(tag, rest)
        elif verb == "STATUS":
            self.status(tag, rest)
        elif verb in ("LIST", "LSUB"):
            if "list-return" in FAULTS and "RETURN" in rest.upper():
                self.say("%s BAD no" % tag)
            else:
                self.list(tag, verb)
        elif verb in ("UNSELECT", "CLOSE"):
            self.box = None
            self.say("%s OK done" % tag)
        elif verb == "LOGOUT":
            self.say("* BYE bye")
            self.say("%s OK done" % tag)
            sys.exit(0)
        else:
            self.say("%s BAD unknown command" % tag)

    def run(self):
        self.say("* PREAUTH [CAPABILITY IMAP4rev1 %s] ready" % " ".join(CAPS))
        while True:
            ready, _, _ = select.select([0], [], [], 0.02)
            if not ready:
                self.control()
                continue
            data = os.read(0, 65536)
            if not data:
                return
            self.buffer += data
            while b"\r\n" in self.buffer:
                line, self.buffer = self.buffer.split(b"\r\n", 1)
                self.command(line.decode("latin-1"))


if __name__ == "__main__":
    if os.path.exists(os.path.join(DIR, "refuse")):
        sys.exit("no route to host")
    Server().run()
