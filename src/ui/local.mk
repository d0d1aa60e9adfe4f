# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += libsmew-ui.a
libsmew_ui_a_SOURCES = \
	include/smew/ui.h \
	src/ui/account.c \
	src/ui/anchor.c \
	src/ui/anchor.h \
	src/ui/app.c \
	src/ui/app.h \
	src/ui/connections.c \
	src/ui/connections.h \
	src/ui/draw.c \
	src/ui/draw.h \
	src/ui/formats.c \
	src/ui/formats.h \
	src/ui/frame.c \
	src/ui/frame.h \
	src/ui/functions.c \
	src/ui/index-private.h \
	src/ui/index.c \
	src/ui/index.h \
	src/ui/keydecode.c \
	src/ui/keydecode.h \
	src/ui/keys.c \
	src/ui/keys.h \
	src/ui/lag.c \
	src/ui/lag.h \
	src/ui/layout.c \
	src/ui/layout.h \
	src/ui/limit.c \
	src/ui/limit.h \
	src/ui/lineedit.c \
	src/ui/lineedit.h \
	src/ui/message.c \
	src/ui/message.h \
	src/ui/pager.c \
	src/ui/pager.h \
	src/ui/prompt.c \
	src/ui/prompt.h \
	src/ui/question.c \
	src/ui/question.h \
	src/ui/save.c \
	src/ui/save.h \
	src/ui/sidebar.c \
	src/ui/sidebar.h \
	src/ui/sort.c \
	src/ui/sort.h \
	src/ui/terminal.c \
	src/ui/terminal.h \
	src/ui/text.c \
	src/ui/text.h \
	src/ui/theme.c \
	src/ui/theme.h \
	src/ui/viewer.c \
	src/ui/viewer.h \
	src/ui/wire.c \
	src/ui/wire.h
libsmew_ui_a_CFLAGS = $(AM_CFLAGS) $(NCURSES_CFLAGS)
