# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += libsmew-net.a
libsmew_net_a_SOURCES = \
	include/smew/net.h \
	src/net/reaper.c \
	src/net/reaper.h \
	src/net/stream.c \
	src/net/stream.h \
	src/net/tunnel.c
