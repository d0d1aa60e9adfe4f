# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += libsmew-session.a
libsmew_session_a_SOURCES = \
	include/smew/session.h \
	src/session/account.c \
	src/session/account.h \
	src/session/body.c \
	src/session/body.h \
	src/session/box.c \
	src/session/box.h \
	src/session/commands.c \
	src/session/events.c \
	src/session/events.h \
	src/session/fill.c \
	src/session/flags.c \
	src/session/flags.h \
	src/session/folders.c \
	src/session/folders.h \
	src/session/idle.c \
	src/session/idle.h \
	src/session/limits.h \
	src/session/link-private.h \
	src/session/link.c \
	src/session/link.h \
	src/session/plan.c \
	src/session/plan.h \
	src/session/report.c \
	src/session/report.h \
	src/session/request.c \
	src/session/request.h \
	src/session/retry.c \
	src/session/retry.h \
	src/session/rows.c \
	src/session/rows.h \
	src/session/select.c \
	src/session/session.c \
	src/session/structure.c \
	src/session/structure.h \
	src/session/sync.c \
	src/session/timer.c \
	src/session/timer.h \
	src/session/untagged.c \
	src/session/work.c \
	src/session/work.h
