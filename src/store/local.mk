# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += libsmew-store.a
libsmew_store_a_SOURCES = \
	include/smew/store.h
libsmew_store_a_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS)
