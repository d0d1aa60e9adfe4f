#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds composed messages against what they were made of.

Reads corpus-N.eml with Python's own parser and compares it with
corpus-N.draft and corpus-N.text, which test-mail-compose.c wrote beside it.

Usage: mail-compose-check.py DIRECTORY
"""

import email
import email.policy
import re
import sys
import unicodedata
from email.header import decode_header, make_header
from email.utils import getaddresses
from pathlib import Path

POLICY = email.policy.default
ESCAPES = {"s": " ", "n": "\n", "t": "\t", "r": "\r", "\\": "\\", ";": ";"}


def unescape(value):
    return re.sub(r"\\(.)", lambda m: ESCAPES.get(m.group(1), m.group(0)), value)


def read_draft(path):
    """The groups of a key file: {group: {key: value}}."""
    groups, group = {}, None
    for line in path.read_text("utf-8").split("\n"):
        if line.startswith("["):
            group = groups.setdefault(line[1:-1], {})
        elif "=" in line:
            key, value = line.split("=", 1)
            group[key] = value
    return groups


def decoded(value):
    """Unfolded, encoded words decoded."""
    value = re.sub(r"\r?\n", "", value or "")
    return str(make_header(decode_header(value))) if value else ""


def idna(address):
    local, at, domain = address.rpartition("@")
    return local + at + domain.encode("idna").decode() if at else address


def expect_text(path, flowed):
    text = path.read_bytes().decode("utf-8")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text and not text.endswith("\n"):
        text += "\n"
    if flowed:
        text = re.sub(r"^( |From )", r" \1", text, flags=re.M)
    return text


def check_fields(message, raw, draft):
    fields = draft["draft"]
    subject = decoded(raw["Subject"])
    wanted = unescape(fields["Subject"])
    # A tab where a line was folded, and blanks around, are the fold's.
    assert subject.split() == wanted.split(), (subject, wanted)
    assert re.sub(r"[\r\n\t]", " ", subject).replace("  ", " ") == wanted.strip(
    ).replace("\t", " ").replace("  ", " "), (subject, wanted)
    for name in ("From", "To", "Cc", "Reply-To"):
        text = unescape(fields[name])
        if not text:
            continue
        people = [
            (decoded(n), idna(a))
            for n, a in getaddresses([re.sub(r"^group:|;$", "", text)])
            if a
        ]
        got = [
            (decoded(n), a)
            for n, a in getaddresses(
                [re.sub(r"\r?\n", "", str(v)) for v in raw.get_all(name)])
        ]
        assert got == people, (name, got, people)
    assert raw["Message-ID"] == f"<{fields['message-id']}>"
    if "references" in fields:
        ids = unescape(fields["references"]).strip(";").split(";")
        assert raw["References"].split() == [f"<{i}>" for i in ids]
        assert raw["In-Reply-To"] == fields["in-reply-to"]
    assert message.defects == [], message.defects


def check_body(part, wanted):
    charset = part.get_content_charset()
    octets = part.get_payload(decode=True)
    text = octets.decode(charset).replace("\r\n", "\n")
    assert text == wanted, (charset, text[:200], wanted[:200])


def check_file(part, group):
    data = Path(unescape(group["path"])).read_bytes()
    assert (part.get_filename() or "") == unescape(group["name"]), (
        part.get_filename(), group["name"])
    assert decoded(part["Content-Description"]) == unescape(group["description"])
    if group["type"] == "message/rfc822":
        inner = part.get_payload(0)
        wanted = email.message_from_bytes(data, policy=POLICY)
        assert str(inner["Subject"]) == str(wanted["Subject"])
        got, text = inner.get_content(), wanted.get_content()
        assert got.replace("\r", "") == text.replace("\r", ""), (got, text)
        return
    octets = part.get_payload(decode=True)
    if part["Content-Transfer-Encoding"] == "7bit":
        octets = octets.replace(b"\r\n", b"\n")
    if part.get_content_type() != "application/octet-stream":
        assert part.get_content_type() == group["type"]
    assert octets == data, (octets[:80], data[:80])


def check(path):
    draft = read_draft(path.with_suffix(".draft"))
    octets = path.read_bytes()
    message = email.message_from_bytes(octets, policy=POLICY)
    raw = email.message_from_bytes(octets, policy=email.policy.compat32)
    check_fields(message, raw, draft)
    parts = list(message.iter_attachments()) if message.is_multipart() else []
    body = message.get_payload(0) if message.is_multipart() else message
    flowed = body.get_param("format") == "flowed"
    check_body(body, expect_text(path.with_suffix(".text"), flowed))
    groups = [draft[g] for g in draft if g.startswith("attachment")]
    if message.is_multipart():
        parts = message.get_payload()[1:]
    assert len(parts) == len(groups)
    for part, group in zip(parts, groups):
        check_file(part, group)


def main():
    count = 0
    for path in sorted(Path(sys.argv[1]).glob("corpus-*.eml")):
        try:
            check(path)
        except Exception as error:  # any of them is a finding
            text = unicodedata.normalize("NFC", str(error))[:600]
            print(f"{path.name}: {type(error).__name__}: {text}")
            return 1
        count += 1
    print(f"{count} messages agree")
    return 0 if count > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
