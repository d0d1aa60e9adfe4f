# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += libsmew-query.a
libsmew_query_a_SOURCES = \
	include/smew/query.h \
	src/query/date.c \
	src/query/match.c \
	src/query/parse.c \
	src/query/private.h \
	src/query/regex.c \
	src/query/simple.c
libsmew_query_a_CFLAGS = $(AM_CFLAGS) $(PCRE2_CFLAGS)
