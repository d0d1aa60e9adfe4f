# SPDX-License-Identifier: GPL-3.0-or-later
from peers.mutt import Peer as Mutt


class Peer(Mutt):
    name = "neomutt"
    # A body cache and DEFLATE are newer than some versions: unknown names
    # are an error there, so they come as commands that may fail.
    own = "set message_cachedir = \"%(home)s/bodies\"\n"
