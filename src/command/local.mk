# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += libsmew-command.a
libsmew_command_a_SOURCES = \
	include/smew/command.h
