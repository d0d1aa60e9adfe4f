/* SPDX-License-Identifier: GPL-3.0-or-later */
/* header: what the pager shows of a header. */
#ifndef SMEW_MAIL_HEADER_H
#define SMEW_MAIL_HEADER_H

#include <glib.h>

/* All fields in order, of struct mail_field; owned by the caller. */
GPtrArray *header_fields(const char *data, size_t length);

#endif
