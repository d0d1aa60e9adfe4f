# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += libsmew-net.a
libsmew_net_a_SOURCES = \
	include/smew/net.h \
	include/smew/smtp.h \
	src/net/address.c \
	src/net/address.h \
	src/net/content.c \
	src/net/content.h \
	src/net/deflate.c \
	src/net/filter.c \
	src/net/filter.h \
	src/net/reaper.c \
	src/net/reaper.h \
	src/net/pins.c \
	src/net/pump.c \
	src/net/pump.h \
	src/net/reply.c \
	src/net/reply.h \
	src/net/sasl.c \
	src/net/secure.c \
	src/net/smtp-auth.c \
	src/net/smtp-envelope.c \
	src/net/smtp-private.h \
	src/net/smtp.c \
	src/net/stream.c \
	src/net/stream.h \
	src/net/tcp.c \
	src/net/tls.c \
	src/net/tls.h \
	src/net/tunnel.c \
	src/net/watch.c \
	src/net/watch.h
libsmew_net_a_CFLAGS = $(AM_CFLAGS) $(OPENSSL_CFLAGS) $(GSASL_CFLAGS)
