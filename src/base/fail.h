/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BASE_FAIL_H
#define BASE_FAIL_H

#include "smew/base.h"

/*
 * Fills 'error' with the sanitised text and returns false, so that a caller
 * can end with "return base_fail(...)". File names and the like in the
 * arguments need no care.
 */
bool base_fail(GError **error, enum base_error code, const char *format, ...)
	G_GNUC_PRINTF(3, 4);

#endif
