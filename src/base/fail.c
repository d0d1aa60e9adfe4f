/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "fail.h"

G_DEFINE_QUARK(smew_base_error, base_error)

bool base_fail(GError **error, enum base_error code, const char *format, ...)
{
	g_autofree char *raw = NULL;
	g_autofree char *clean = NULL;
	va_list args;

	va_start(args, format);
	raw = g_strdup_vprintf(format, args);
	va_end(args);
	clean = sanitise_line(raw, -1);
	g_set_error_literal(error, BASE_ERROR, (int)code, clean);
	return false;
}
