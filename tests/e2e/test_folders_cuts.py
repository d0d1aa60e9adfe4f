# SPDX-License-Identifier: GPL-3.0-or-later
"""Mailboxes made, renamed, deleted and subscribed to, the dialogue cut behind
octets of either side: it is done, once, and the cache has what the server has.

A sample of all places is cut by default. SMEW_ALL=1 takes every place, SMEW_ALL=N
every Nth.
"""

from acting import query
from crowd import run
from network import PASSWORD, NetworkDovecot
from test_journal_cuts import FOURTH, Box, Case, Client, Cutter

INBOX = ["the first", "the second", "the third"]
FIRST = {"INBOX", "Junk", "Target"}


class Chore:
    """keys: typed one after the other, each when the journal is empty again; of
    those behind a tab each when the mailbox before it is drawn; with a question,
    whose answer is the key behind the newline. names: what there is then; made:
    what is in a new mailbox."""

    without, threads = (), False

    def __init__(self, keys, names, made=None, subscribed=False):
        self.keys, self.names, self.made = keys, names, made
        self.subscribed = subscribed


CREATE, RENAME = ":create =Made\r", ":rename =Target =Renamed\r"
CHORES = {
    "create": Chore([CREATE], FIRST | {"Made"}),
    "create and file": Chore([":offline\r" + CREATE +
                              "\t*s\x15=Made\r:online\r"],
                             FIRST | {"Made"}, made=FOURTH),
    "rename": Chore([RENAME], FIRST - {"Target"} | {"Renamed"}),
    "delete": Chore([":delete =Target\r\ny"], FIRST - {"Target"}),
    "subscribe": Chore([":subscribe-to =Target\r"], FIRST, subscribed=True),
    "undo of create": Chore([CREATE, "_"], FIRST),
    "undo of rename": Chore([RENAME, "_"], FIRST),
    "undo of delete": Chore([":delete =Target\r\ny", "_"], FIRST),
}


class ChoreCase(Case):
    def type(self, keys):
        order, _, reply = keys.partition("\n")
        order, _, filing = order.partition("\t")
        since = len(self.screen.raw)
        self.screen.send("\x07\x07" + order)
        if filing:
            yield from self.until("the mailbox", self.drawn(
                b"Made  ", since))
            self.screen.send(filing)
        if reply:
            yield from self.until("the question", self.drawn(
                b"(yes/[no])", since), "\x0c")
            self.screen.send(reply)

    def check_server(self):
        assert not self.states().get(2), query(
            self.journal, "SELECT reason FROM entry")
        with Client("127.0.0.1", self.mailbox.server.imap_port) as imap:
            imap.authenticate("PLAIN", lambda _: b"\0%s\0%s" % (
                self.mailbox.user.encode(), PASSWORD.encode()))
            names = self.listed(imap.list())
            subscribed = self.listed(imap.lsub())
            filed = imap.status("Made", "(MESSAGES)")[1] if "Made" in names \
                else None
        assert names == self.kind.names, names
        assert self.kind.subscribed == ("Target" in subscribed), subscribed
        assert filed is None or (b"MESSAGES 1" in filed[0]) == \
            bool(self.kind.made), filed

    @staticmethod
    def listed(answer):
        return {line.rsplit(b" ", 1)[1].strip(b'"').decode()
                for line in answer[1] if line}

    def cache_agrees(self):
        names = {name for name, in query(
            self.client.cache(), "SELECT name FROM mbox")}
        return names == self.kind.names and self.query(
            "SELECT subject FROM msg JOIN hdr USING (id) JOIN mbox b"
            " ON b.id = mbox WHERE b.name = 'INBOX' ORDER BY 1") == [
                (one,) for one in sorted(INBOX + [FOURTH])
                    if one != self.kind.made]


def test_cuts(make_client):
    with NetworkDovecot(plaintext="only", users=20000) as server:
        Cutter(make_client, server, ChoreCase).all(CHORES)
