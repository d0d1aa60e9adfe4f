# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += libsmew-send.a
libsmew_send_a_SOURCES = \
	include/smew/send.h \
	src/send/key.c \
	src/send/key.h \
	src/send/mailto.c \
	src/send/program.c \
	src/send/program.h \
	src/send/sender.c
