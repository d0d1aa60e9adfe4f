/* SPDX-License-Identifier: GPL-3.0-or-later */
/* date: the Date field (RFC 5322 3.3, 4.3 and what is really sent). */
#ifndef SMEW_MAIL_DATE_H
#define SMEW_MAIL_DATE_H

#include <stddef.h>
#include <stdint.h>

/*
 * Seconds since the epoch, 0 if it cannot be read; minutes east of UTC in
 * 'zone'. A missing time is midnight, a missing or unknown zone UTC, a second
 * of 60 the next one's 0.
 */
int64_t date_read(const char *text, size_t length, int *zone);

#endif
