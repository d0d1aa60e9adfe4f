# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += libsmew-net.a
libsmew_net_a_SOURCES = \
	include/smew/net.h
