# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += libsmew-mail.a
libsmew_mail_a_SOURCES = \
	include/smew/mail.h
libsmew_mail_a_CFLAGS = $(AM_CFLAGS) $(GMIME_CFLAGS) $(LIBXML_CFLAGS)
