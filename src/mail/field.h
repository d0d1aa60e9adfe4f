/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * field: the header of a message or part as a list of fields. GMime keeps the
 * last of duplicated fields, and gives no message at all for one that starts
 * with ": x"; so the header is read here.
 */
#ifndef SMEW_MAIL_FIELD_H
#define SMEW_MAIL_FIELD_H

#include <glib.h>
#include <stdbool.h>

/* Borrowed from the header's octets; the value keeps its line ends. */
struct field {
	const char *name;
	size_t name_length;
	const char *value;
	size_t value_length;
};

struct field_reader {
	const char *at, *end;
	bool began; /* a field or junk of a header has been seen */
};

void field_reader_init(struct field_reader *reader, const char *data,
		       size_t length);

/*
 * The next field, or false at the end of the header: then 'at' is where the
 * body begins. A line that is no field ends the header, as in mutt, except
 * "From " at the start, and lines of a colon without a name, which are
 * stepped over.
 */
bool field_next(struct field_reader *reader, struct field *field);

bool field_is(const struct field *field, const char *name);

/* Where the body of this entity begins, as an offset. */
size_t field_body_offset(const char *data, size_t length);

/* The value without line ends and white space around it; owned. */
char *field_unfold(const struct field *field);

/*
 * The message ids in a References or In-Reply-To value: in <>, or bare ones
 * with an '@'. Of more than 100 the first and the last 99. Array of char *,
 * without <>, sanitised; owned by the caller.
 */
GPtrArray *field_ids(const char *value, size_t length);

/* What stands in the (last) <>, or all of it; sanitised, owned. */
char *field_in_brackets(const char *value, size_t length);

#endif
