# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += libsmew-session.a
libsmew_session_a_SOURCES = \
	include/smew/session.h
