# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += libsmew-base.a
libsmew_base_a_SOURCES = \
	include/smew/base.h \
	src/base/fail.c \
	src/base/fail.h \
	src/base/handover.c \
	src/base/log.c \
	src/base/output.c \
	src/base/path.c \
	src/base/postbox.c \
	src/base/resources.c \
	src/base/sanitise.c \
	src/base/secret.c \
	src/base/spawn.c \
	src/base/text.c \
	src/base/unicode.c \
	src/base/unicode.h
