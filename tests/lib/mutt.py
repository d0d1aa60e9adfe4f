# SPDX-License-Identifier: GPL-3.0-or-later
"""mutt on a mailbox of a test's server, in a pseudo-terminal like smew.

    with Mutt(server, directory, 'set index_format = "%i"\\n') as screen:
        screen.wait_for(...)

It is the package `mutt` of tools/deps; the test is skipped without it.
"""

import os
import shutil

import pytest
from screen import Screen

CONFIG = """
set tunnel = "%s"
set folder = imap://anna@localhost/
set spoolfile = imap://anna@localhost/INBOX
set header_cache = ""
set sleep_time = 0
set charset = utf-8
set pager_index_lines = 0
set mail_check = 3600
set imap_keepalive = 3600
alternates anna@example.org
"""


class Mutt(Screen):
    def __init__(self, server, directory, config="", columns=120, rows=45):
        program = shutil.which("mutt")
        if not program:
            pytest.skip("mutt is not installed: tools/deps installs it")
        path = os.path.join(str(directory), "muttrc")
        tunnel = server.tunnel.replace("\\", "\\\\").replace('"', '\\"')
        with open(path, "w") as out:
            out.write(CONFIG % tunnel + config)
        super().__init__([program, "-n", "-F", path], columns, rows, {
            "PATH": os.environ["PATH"], "HOME": str(directory),
            "LANG": "C.UTF-8", "TZ": "UTC"})
