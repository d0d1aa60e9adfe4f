# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += libsmew-store.a
libsmew_store_a_SOURCES = \
	include/smew/outbox.h \
	include/smew/store.h \
	src/store/arrange.c \
	src/store/arrange.h \
	src/store/body.c \
	src/store/finder.c \
	src/store/finder.h \
	src/store/flags.c \
	src/store/follow.c \
	src/store/ids.c \
	src/store/ids.h \
	src/store/intent.c \
	src/store/internal.h \
	src/store/journal-next.c \
	src/store/journal-private.h \
	src/store/journal-rename.c \
	src/store/journal-undo.c \
	src/store/journal.c \
	src/store/ranks.c \
	src/store/ranks.h \
	src/store/lay.c \
	src/store/lay.h \
	src/store/limits.c \
	src/store/limits.h \
	src/store/mailbox.c \
	src/store/matcher.c \
	src/store/matcher.h \
	src/store/message.c \
	src/store/order-private.h \
	src/store/order.c \
	src/store/order.h \
	src/store/outbox-mail.c \
	src/store/outbox-private.h \
	src/store/outbox-steps.c \
	src/store/outbox.c \
	src/store/place.c \
	src/store/row.c \
	src/store/rethread.c \
	src/store/rethread.h \
	src/store/schema.c \
	src/store/schema.h \
	src/store/show.c \
	src/store/sql.c \
	src/store/sql.h \
	src/store/store.c \
	src/store/stretch.c \
	src/store/thread.c \
	src/store/thread.h \
	src/store/tree.c \
	src/store/tree.h \
	src/store/view.c \
	src/store/window.h
libsmew_store_a_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS)
