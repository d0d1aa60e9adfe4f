/* SPDX-License-Identifier: GPL-3.0-or-later */
/* plain: text/plain to lines, with format=flowed (RFC 3676). */
#ifndef SMEW_MAIL_PLAIN_H
#define SMEW_MAIL_PLAIN_H

#include "lines.h"

/* 'text' is UTF-8 of any origin; it is sanitised here. */
void plain_show(struct lines *lines, const char *text, size_t length,
		bool flowed, bool delsp);

#endif
