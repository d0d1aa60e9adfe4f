# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates of every kind, good and bad.

    make = Maker(directory)
    make.ca                             # file that trusts make.root
    make.server(names=["imap.test"])    # an Identity
    identity.write(directory)           # one PEM: key, certificate, chain

Names are put into the extension as they are, octet by octet: what no
authority would sign is what these tests need.
"""

import datetime
import os

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NOW = datetime.datetime.utcnow()
OID_NAMES = x509.ObjectIdentifier("2.5.29.17")
OID_UNKNOWN = x509.ObjectIdentifier("1.3.6.1.4.1.99999.1")
OID_NETSCAPE = x509.ObjectIdentifier("2.16.840.1.113730.1.1")
USAGES = {
    "server": ExtendedKeyUsageOID.SERVER_AUTH,
    "client": ExtendedKeyUsageOID.CLIENT_AUTH,
    "code": ExtendedKeyUsageOID.CODE_SIGNING,
    "mail": ExtendedKeyUsageOID.EMAIL_PROTECTION,
    "time": ExtendedKeyUsageOID.TIME_STAMPING,
}
# Tags of GeneralName (RFC 5280 4.2.1.6).
EMAIL, DNS, URI, ADDRESS = 0x81, 0x82, 0x86, 0x87


# `openssl dhparam 1024`: to look for such a prime takes seconds.
SMALL_GROUP = b"""-----BEGIN DH PARAMETERS-----
MIGHAoGBAINMMkHsrZXxEXyIFnMnaaftssSWgdbxJXd5dCjM/96Kz/nYlqi+DB7m
mkjl1d+tpA0dqFsqdHRT2xk5zPADqZMJQbMZH3skGi/Gz6MBF/TXiG5jxmwuD6or
SjtmNNFtUghHPHh3Gs4FKCa3UEEBuvhXqJCXE3X1by4R1BWZOU63AgEC
-----END DH PARAMETERS-----
"""


def der(tag, data):
    size = len(data)
    if size < 128:
        return bytes([tag, size]) + data
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + data


def general_names(names):
    """names: text for a DNS name, or (tag, octets)."""
    return der(0x30, b"".join(
        der(DNS, n.encode()) if isinstance(n, str) else der(*n)
        for n in names))


def key_usage(*wanted):
    fields = ["digital_signature", "content_commitment", "key_encipherment",
              "data_encipherment", "key_agreement", "key_cert_sign",
              "crl_sign", "encipher_only", "decipher_only"]
    return x509.KeyUsage(**{f: f in wanted for f in fields})


class Identity:
    def __init__(self, certificate, key, chain=()):
        self.certificate, self.key = certificate, key
        self.chain = list(chain)        # what is sent beside it

    def pem(self):
        key = self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption())
        return key + b"".join(c.public_bytes(serialization.Encoding.PEM)
                              for c in [self.certificate, *self.chain])

    def fingerprint(self):
        """As people compare it: SHA-256, AB:CD:..."""
        digest = self.certificate.fingerprint(hashes.SHA256())
        return ":".join("%02X" % octet for octet in digest)

    def write(self, path):
        with open(path, "wb") as out:
            out.write(self.pem())
        return path


class Maker:
    def __init__(self, directory):
        self.directory = directory
        self.keys = {}
        self.root = self.authority("Trusted")
        self.old = self.authority("Old", until=-1)
        self.bare = self.authority("Bare", constraints=False)
        self.unknown = self.authority("Unknown")
        self.namesake = self.authority("Trusted")
        self.ca = os.path.join(directory, "ca.pem")
        with open(self.ca, "wb") as out:
            for one in (self.root, self.old, self.bare):
                out.write(one.certificate.public_bytes(
                    serialization.Encoding.PEM))

    def key(self, kind):
        """RSA keys are dear: one of each size does."""
        if kind == "ec":
            return ec.generate_private_key(ec.SECP256R1())
        if kind == "p192":
            return ec.generate_private_key(ec.SECP192R1())
        if kind not in self.keys:
            self.keys[kind] = rsa.generate_private_key(65537, int(kind[3:]))
        return self.keys[kind]

    def small_group(self):
        """A file with a Diffie-Hellman group that is too small."""
        path = os.path.join(self.directory, "group.pem")
        with open(path, "wb") as out:
            out.write(SMALL_GROUP)
        return path

    def _sign(self, subject, key, signer, first, until, extensions, digest):
        """signer: an Identity, or None: itself."""
        builder = x509.CertificateBuilder(
            signer.certificate.subject if signer else subject, subject,
            key.public_key(), x509.random_serial_number(),
            NOW + datetime.timedelta(days=first),
            NOW + datetime.timedelta(days=until))
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        return builder.sign(signer.key if signer else key, digest)

    def authority(self, name, signer=None, first=-100, until=100, ca=True,
                  length=None, constraints=True, usage=None, purpose=None,
                  permitted=None, excluded=None, unknown=False, kind="ec",
                  digest=None):
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        key = self.key(kind)
        extensions = []
        if constraints:
            extensions.append((x509.BasicConstraints(ca, length), True))
        if usage:
            extensions.append((key_usage(*usage), True))
        if purpose:
            extensions.append((x509.ExtendedKeyUsage([USAGES[purpose]]),
                               False))
        if permitted or excluded:
            extensions.append((x509.NameConstraints(
                permitted and [x509.DNSName(permitted)],
                excluded and [x509.DNSName(excluded)]), True))
        if unknown:
            extensions.append((x509.UnrecognizedExtension(
                OID_UNKNOWN, b"\x05\0"), True))
        chain = [] if signer is None or signer is self.root else \
            [signer.certificate, *signer.chain]
        return Identity(self._sign(subject, key, signer, first, until,
                                   extensions, digest or hashes.SHA256()),
                        key, chain)

    def server(self, names, signer="root", common="server", first=-1,
               until=30, usages=("server",), usage=None, kind="ec",
               digest=None, unknown=False, netscape=None, chain=None,
               own=False):
        """names: of general_names(); None: no such extension. own: signed
        by itself. chain: what is sent instead of the signer's."""
        signer = None if own else getattr(self, signer) \
            if isinstance(signer, str) else signer
        key = self.key(kind)
        subject = x509.Name([] if common is None else [
            x509.NameAttribute(NameOID.COMMON_NAME, common)])
        extensions = []
        if names is not None:
            extensions.append((x509.UnrecognizedExtension(
                OID_NAMES, general_names(names)), common is None))
        if usages:
            extensions.append((x509.ExtendedKeyUsage(
                [USAGES[u] for u in usages]), False))
        if usage:
            extensions.append((key_usage(*usage), True))
        if netscape:
            extensions.append((x509.UnrecognizedExtension(
                OID_NETSCAPE, netscape), False))
        if unknown:
            extensions.append((x509.UnrecognizedExtension(
                OID_UNKNOWN, b"\x05\0"), True))
        made = self._sign(subject, key, signer, first, until, extensions,
                          digest or hashes.SHA256())
        if chain is None:
            chain = []
            if signer and signer is not self.root:
                chain = [signer.certificate, *signer.chain]
        return Identity(made, key, chain)

    @staticmethod
    def forged(identity):
        """The same with another signature."""
        data = bytearray(identity.certificate.public_bytes(
            serialization.Encoding.DER))
        data[-1] ^= 1
        return Identity(x509.load_der_x509_certificate(bytes(data)),
                        identity.key, identity.chain)
