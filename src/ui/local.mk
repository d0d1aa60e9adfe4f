# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += libsmew-ui.a
libsmew_ui_a_SOURCES = \
	include/smew/ui.h
libsmew_ui_a_CFLAGS = $(AM_CFLAGS) $(NCURSES_CFLAGS)
