/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Mailbox names and sequence sets on any octets: what is shown is valid
 * UTF-8; what was encoded decodes to itself; a set that was read is written
 * and read again as the same.
 */
#include <stdlib.h>
#include <string.h>

#include "smew/imap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Not g_assert(): that can be compiled out. */
static void require(bool condition)
{
	if (!condition)
		abort();
}

static void check_name(const char *text)
{
	g_autofree char *shown = imap_mailbox_decode(text);
	g_autofree char *wire = imap_mailbox_encode(text);
	g_autofree char *back = NULL;

	require(g_utf8_validate(shown, -1, NULL));
	if (wire == NULL)
		return;
	for (const char *p = wire; *p != '\0'; p++)
		require(*p >= ' ' && *p < 0x7F);
	back = imap_mailbox_decode(wire);
	require(strcmp(back, text) == 0);
}

static void check_set(const char *text)
{
	struct imap_set *set = imap_set_parse(text, -1, 1000, NULL), *again;
	g_autofree char *first = NULL, *second = NULL;

	if (set == NULL)
		return;
	first = imap_set_format(set);
	again = imap_set_parse(first, -1, 1000, NULL);
	require(again != NULL);
	second = imap_set_format(again);
	require(strcmp(first, second) == 0);
	imap_set_normalise(set);
	require(imap_set_count(set) > 0);
	require(imap_set_count(set) <= UINT32_MAX);
	imap_set_free(set);
	imap_set_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = g_strndup((const char *)data, size);

	check_name(text);
	check_set(text);
	return 0;
}
