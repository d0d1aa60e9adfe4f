# SPDX-License-Identifier: GPL-3.0-or-later
"""Dovecot with imap_zlib, quota, acl and metadata switched on.

    with PluginDovecot({"Family": "lr"}) as server:
"""

import os

from network import NetworkDovecot

# The last setting of a name is the one that counts, but plugin settings are
# of one block: these come before network.py's.
EXTRA = """
imap_metadata = yes
mail_attribute_dict = file:%(root)s/home/attributes
plugin {
  acl = vfile:%(root)s/acls:cache_secs=0
  quota = count:User quota
  quota_rule = *:storage=1M
  quota_vsizes = yes
}
"""


class PluginDovecot(NetworkDovecot):
    """rights: {mailbox: the letters that its owner has}"""

    def __init__(self, rights, extra=EXTRA, **settings):
        self.rights = rights
        super().__init__(extra=extra, **settings)

    def _write_network(self, mechanisms, plaintext):
        super()._write_network(mechanisms, plaintext)
        with open(self.config, encoding="utf-8") as old:
            text = old.read()
        text = text.replace("mail_plugins = zlib\n",
                            "mail_plugins = zlib acl quota\n", 1)
        text = text.replace(
            "mail_plugins = zlib imap_zlib",
            "mail_plugins = zlib imap_zlib acl imap_acl quota imap_quota")
        with open(self.config, "w", encoding="utf-8") as out:
            out.write(text)
        acls = os.path.join(self.root, "acls")
        with open(acls, "w", encoding="utf-8") as out:
            for name, rights in self.rights.items():
                out.write(("%s owner %s" % (name, rights)).strip() + "\n")
        os.chmod(acls, 0o644)


def log_of(screen):
    """Of one whose `client` is set."""
    with open(screen.client.home + "/log", encoding="utf-8") as text:
        return text.read()
