# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += libsmew-mail.a
libsmew_mail_a_SOURCES = \
	include/smew/mail.h \
	src/mail/address.c \
	src/mail/address.h \
	src/mail/bounce.c \
	src/mail/cache.c \
	src/mail/charset.c \
	src/mail/charset.h \
	src/mail/codec.c \
	src/mail/codec.h \
	src/mail/compose.c \
	src/mail/date.c \
	src/mail/date.h \
	src/mail/draft.c \
	src/mail/draft.h \
	src/mail/editfile.c \
	src/mail/field-write.c \
	src/mail/field.c \
	src/mail/field.h \
	src/mail/file.c \
	src/mail/flow.c \
	src/mail/flow.h \
	src/mail/header.c \
	src/mail/header.h \
	src/mail/html.c \
	src/mail/html.h \
	src/mail/lines.c \
	src/mail/lines.h \
	src/mail/list.c \
	src/mail/mailbox-text.c \
	src/mail/mailcap.c \
	src/mail/param.c \
	src/mail/param.h \
	src/mail/part.c \
	src/mail/part.h \
	src/mail/plain.c \
	src/mail/plain.h \
	src/mail/quote.c \
	src/mail/remake.c \
	src/mail/render.c \
	src/mail/reply.c \
	src/mail/reopen.c \
	src/mail/split.c \
	src/mail/split.h \
	src/mail/tame.c \
	src/mail/tame.h \
	src/mail/text-write.c \
	src/mail/words.c \
	src/mail/words.h
libsmew_mail_a_CFLAGS = $(AM_CFLAGS) $(GMIME_CFLAGS) $(LIBXML_CFLAGS)
