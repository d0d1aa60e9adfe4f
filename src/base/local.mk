# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += libsmew-base.a
libsmew_base_a_SOURCES = \
	include/smew/base.h
