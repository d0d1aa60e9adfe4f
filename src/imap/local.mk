# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += libsmew-imap.a
libsmew_imap_a_SOURCES = \
	include/smew/imap.h \
	src/imap/arena.c src/imap/arena.h \
	src/imap/capability.c \
	src/imap/command.c src/imap/command.h \
	src/imap/command-data.c \
	src/imap/command-mailbox.c \
	src/imap/engine.c src/imap/engine.h \
	src/imap/input.c \
	src/imap/lexer.c src/imap/lexer.h \
	src/imap/map.c src/imap/map.h \
	src/imap/parse.h \
	src/imap/parse-body.c \
	src/imap/parse-data.c \
	src/imap/parse-date.c \
	src/imap/parse-fetch.c \
	src/imap/parse-quota.c \
	src/imap/parse-status.c \
	src/imap/queue.c \
	src/imap/response.c \
	src/imap/send.c \
	src/imap/seqset.c \
	src/imap/state.c \
	src/imap/untagged.c \
	src/imap/utf7.c
