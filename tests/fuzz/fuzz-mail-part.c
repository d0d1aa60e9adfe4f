/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A structure from the cache, damaged: refused, or exactly what it says. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "smew/mail.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = g_strndup((const char *)data, size), *again;
	struct mail_part *part = mail_part_read(text, NULL);

	if (part != NULL) {
		again = mail_part_write(part);
		if (strcmp(text, again) != 0)
			abort();
		g_ptr_array_unref(mail_part_shown(part));
		g_free(again);
	}
	mail_part_free(part);
	g_free(text);
	return 0;
}
