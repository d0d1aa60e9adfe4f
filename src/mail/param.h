/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * param: "value; name=value; ..." of Content-Type and Content-Disposition,
 * with the continuations and charsets of RFC 2231.
 */
#ifndef SMEW_MAIL_PARAM_H
#define SMEW_MAIL_PARAM_H

#include <glib.h>

/* Name, value, name, value ...: raw, owned by the array (of char *). */
GPtrArray *params_new(void);

/*
 * Splits a field's value: returns what stands before the first ';' in lower
 * case (owned by the caller) and appends the parameters to 'params'. Of more
 * than 500 the rest is left out.
 */
char *params_read(GPtrArray *params, const char *value);

/*
 * The value of a parameter: NAME* and NAME*0... before plain NAME (RFC 2231
 * is the better source where both are given), decoded and sanitised; NULL
 * when there is none. Of duplicates the first. Owned by the caller.
 */
char *params_get(const GPtrArray *params, const char *name);

#endif
