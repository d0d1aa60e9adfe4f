# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += libsmew-command.a
libsmew_command_a_SOURCES = \
	include/smew/command.h \
	src/command/account.c \
	src/command/bind.c \
	src/command/color.c \
	src/command/commands.c \
	src/command/complete.c \
	src/command/config.c \
	src/command/defaults.c \
	src/command/format.c \
	src/command/groups.c \
	src/command/hooks.c \
	src/command/functions.c \
	src/command/keymap.c \
	src/command/keys.c \
	src/command/lexer.c \
	src/command/lists.c \
	src/command/mailboxes.c \
	src/command/nearest.c \
	src/command/options-accepted.c \
	src/command/options.c \
	src/command/options.h \
	src/command/people.c \
	src/command/private.h \
	src/command/run.c \
	src/command/sending.c \
	src/command/set.c \
	src/command/value.c
