/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * address: lists of addresses (RFC 5322 3.4 with its obsolete forms and what
 * is really sent). The domain stays as it stands, where GMime would show the
 * Unicode form of punycode and so hide what a look-alike is.
 */
#ifndef SMEW_MAIL_ADDRESS_H
#define SMEW_MAIL_ADDRESS_H

#include <glib.h>

#include "smew/mail.h"

/*
 * Appends the addresses of one field's value to 'list' (of struct
 * mail_address, owned by it). A group gives its name with an empty email and
 * then its members. Linear in 'length'; no recursion.
 */
void address_read(GPtrArray *list, const char *value, size_t length);

/* An empty list that owns what is put in. */
GPtrArray *address_list_new(void);

/* "Name <email>, email, ...": at most 'limit' of them; owned by the caller. */
char *address_show(const GPtrArray *list, guint limit);

#endif
