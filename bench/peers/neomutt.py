# SPDX-License-Identifier: GPL-3.0-or-later
from peers.mutt import Peer as Mutt


class Peer(Mutt):
    name = "neomutt"
    # Without imap_deflate: Debian's version has no such option.
    own = "set message_cachedir = \"%(home)s/bodies\"\n"
