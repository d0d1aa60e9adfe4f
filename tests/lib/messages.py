# SPDX-License-Identifier: GPL-3.0-or-later
"""The messages a scripted server has, and its answers about them.

    ordinary("quirks", has="11 12 13")  a script: a server in good order with
                                        some blocks of another opinion

A message N has the subject "Message N" and the text "Body of N", unless the
script says otherwise (`message`, `item`).
"""

import re

STRUCTURE = ('("text" "plain" ("charset" "utf-8") NIL NIL "8bit" %d %d '
             "NIL NIL NIL NIL)")
FETCH = re.compile(r"(UID )?FETCH (\S+) \(?(.*?)\)?"
                   r"(?: \(CHANGEDSINCE (\d+)\))?", re.IGNORECASE)


class Message:
    def __init__(self, uid):
        self.uid = uid
        self.items = {"MODSEQ": "(1)", "FLAGS": r"(\Seen)",
                      "INTERNALDATE": '"20-Nov-2026 10:00:00 +0000"'}
        self.text = ("Date: Fri, 20 Nov 2026 10:00:00 +0000\r\n"
                     "From: Ann Example <ann@example.org>\r\n"
                     "To: anna@example.org\r\n"
                     "Subject: Message %d\r\n"
                     "Message-ID: <%d@example.org>\r\n"
                     "\r\nBody of %d\r\n" % (uid, uid, uid)).encode()

    def section(self, name):
        header, _, body = self.text.partition(b"\r\n\r\n")
        if name.upper().startswith("HEADER"):
            return header + b"\r\n\r\n"
        return body if name else self.text

    def item(self, name):
        """NAME VALUE as octets, as in a FETCH response."""
        section = re.fullmatch(r"BODY(?:\.PEEK)?\[(.*)\](?:<.*>)?", name)
        if section and "BODY[%s]" % section[1] in self.items:
            name, section = "BODY[%s]" % section[1], None
        if section:
            data = self.section(section[1])
            return b"BODY[%s] {%d}\r\n" % (section[1].encode(),
                                           len(data)) + data
        body = self.section("1")
        value = self.items.get(name.upper())
        if value is None:
            value = {"UID": str(self.uid),
                     "RFC822.SIZE": str(len(self.text)),
                     "BODYSTRUCTURE": STRUCTURE % (
                         len(body), body.count(b"\n"))}[name.upper()]
        return (name + " " + value).encode("utf-8", "surrogateescape")


def in_set(text, number, highest):
    """Whether a sequence set has a number; * is the highest there is."""
    for part in text.split(","):
        ends = [highest if end == "*" else int(end)
                for end in part.split(":")]
        if min(ends) <= number <= max(ends):
            return True
    return False


class Mailbox:
    """What the mailbox holds, by sequence number, and all of its past."""

    def __init__(self):
        self.uids = []
        self.known = {}
        self.poison = None      # what no FETCH may ask for
        self.refusal = ""

    def has(self, uids):
        self.uids = list(uids)

    def message(self, uid):
        if uid not in self.known:
            self.known[uid] = Message(uid)
        return self.known[uid]

    @property
    def highest(self):
        return max(self.uids, default=0)

    def named(self, match):
        """(seq, uid) of the messages that a command is about."""
        for seq, uid in enumerate(self.uids, 1):
            number = uid if match[1] else seq
            top = self.highest if match[1] else len(self.uids)
            if in_set(match[2], number, top):
                yield seq, uid

    def spoils(self, command):
        match = FETCH.fullmatch(command)
        return match and self.poison is not None and \
            any(uid == self.poison for _, uid in self.named(match))

    def fetch(self, command, only=None):
        """The FETCH responses a command asks for, as octets."""
        match = FETCH.fullmatch(command)
        if not match:
            return
        items = re.findall(r"[^\s\[]+(?:\[[^\]]*\]\S*)?", match[3])
        for seq, uid in self.named(match):
            message = self.message(uid)
            modseq = re.sub(r"\D", "", message.items["MODSEQ"])
            if (only is not None and uid not in only) or \
               (match[4] and int(modseq or 0) <= int(match[4])):
                continue
            said = list(items)
            if match[4] and "MODSEQ" not in said:
                said.append("MODSEQ")
            yield b"* %d FETCH (" % seq + b" ".join(
                message.item(name) for name in said) + b")\r\n"


ORDINARY = r"""
has %(has)s
when CAPABILITY
S: * CAPABILITY IMAP4rev1 %(capabilities)s
S: $tag OK done
end
when NAMESPACE
S: * NAMESPACE (("" "/")) NIL NIL
S: $tag OK done
end
when LIST *
S: * LIST (\HasNoChildren) "/" INBOX
S: * LIST (\HasNoChildren) "/" Other
S: $tag OK done
end
when STATUS *
S: $tag OK done
end
when ENABLE *
S: * ENABLED QRESYNC
S: $tag OK done
end
when FETCH *
rows
S: $tag OK done
end
when UID FETCH *
rows
S: $tag OK done
end
when UID SEARCH *
S: * SEARCH $uids
S: $tag OK done
end
when UID STORE *
S: $tag OK done
end
when IDLE
S: + idling
c: DONE
S: $tag OK done
end
when SELECT *
S: * FLAGS (\Seen \Answered \Flagged \Deleted \Draft)
S: * OK [PERMANENTFLAGS (\Seen \Answered \Flagged \Deleted \Draft \*)] ok
S: * $exists EXISTS
S: * OK [UIDVALIDITY 1] valid
S: * OK [UIDNEXT $uidnext] next
S: $tag OK [READ-WRITE] selected
end
"""


def ordinary(quirks="", has="11 12 13 14", capabilities="", greeting=True):
    """The script of one connection; later blocks win over earlier ones."""
    text = ORDINARY % {"has": has, "capabilities": capabilities}
    if greeting:
        text = "S: * PREAUTH [CAPABILITY IMAP4rev1 %s] hello\n" \
            % capabilities + text
    return text + quirks.strip("\n") + "\nserve\n"
