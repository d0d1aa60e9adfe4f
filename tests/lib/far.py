# SPDX-License-Identifier: GPL-3.0-or-later
"""The server of a second account, `work`, without TLS and behind a proxy, so
that a test hears, changes and ends what goes over the line.

    with Far() as far:
        make_client(config=net.settings() + far.block())
        far.proxy.change = lambda _, data: data.replace(b"A", b"B")
        far.server.deliver(...)
"""

from network import PASSWORD, NetworkDovecot
from proxy import Proxy


class Far:
    def __init__(self, kind=NetworkDovecot, **settings):
        self.server = kind(plaintext=True, **settings)
        self.proxy = Proxy(self.server.imap_port)

    def __enter__(self):
        self.proxy.__enter__()
        return self

    def __exit__(self, *_):
        self.proxy.__exit__()
        self.server.close()

    def block(self):
        return ("account work {\n"
                "set folder = imap://anna@localhost:%d\n"
                "set imap_pass = '%s'\n"
                "set ssl_force_tls = no\nset ssl_starttls = no\n"
                "set imap_deflate = no\n}\n" % (self.proxy.port, PASSWORD))
