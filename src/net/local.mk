# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += libsmew-net.a
libsmew_net_a_SOURCES = \
	include/smew/net.h \
	src/net/address.c \
	src/net/address.h \
	src/net/deflate.c \
	src/net/filter.c \
	src/net/filter.h \
	src/net/reaper.c \
	src/net/reaper.h \
	src/net/pump.c \
	src/net/pump.h \
	src/net/sasl.c \
	src/net/secure.c \
	src/net/stream.c \
	src/net/stream.h \
	src/net/tcp.c \
	src/net/tls.c \
	src/net/tls.h \
	src/net/tunnel.c \
	src/net/watch.c \
	src/net/watch.h
libsmew_net_a_CFLAGS = $(AM_CFLAGS) $(OPENSSL_CFLAGS) $(GSASL_CFLAGS)
