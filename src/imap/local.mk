# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += libsmew-imap.a
libsmew_imap_a_SOURCES = \
	include/smew/imap.h
