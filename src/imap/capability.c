/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine.h"

#include <string.h>

static const struct {
	const char *name;
	enum imap_capability capability;
} names[] = {
	{ "IMAP4REV1", IMAP_CAP_IMAP4REV1 },
	{ "IMAP4REV2", IMAP_CAP_IMAP4REV2 },
	{ "STARTTLS", IMAP_CAP_STARTTLS },
	{ "LOGINDISABLED", IMAP_CAP_LOGINDISABLED },
	{ "SASL-IR", IMAP_CAP_SASL_IR },
	{ "LITERAL+", IMAP_CAP_LITERAL_PLUS },
	{ "LITERAL-", IMAP_CAP_LITERAL_MINUS },
	{ "ID", IMAP_CAP_ID },
	{ "ENABLE", IMAP_CAP_ENABLE },
	{ "IDLE", IMAP_CAP_IDLE },
	{ "NAMESPACE", IMAP_CAP_NAMESPACE },
	{ "CHILDREN", IMAP_CAP_CHILDREN },
	{ "SPECIAL-USE", IMAP_CAP_SPECIAL_USE },
	{ "LIST-EXTENDED", IMAP_CAP_LIST_EXTENDED },
	{ "LIST-STATUS", IMAP_CAP_LIST_STATUS },
	{ "STATUS=SIZE", IMAP_CAP_STATUS_SIZE },
	{ "UIDPLUS", IMAP_CAP_UIDPLUS },
	{ "MOVE", IMAP_CAP_MOVE },
	{ "UNSELECT", IMAP_CAP_UNSELECT },
	{ "ESEARCH", IMAP_CAP_ESEARCH },
	{ "SEARCHRES", IMAP_CAP_SEARCHRES },
	{ "SORT", IMAP_CAP_SORT },
	{ "THREAD=REFERENCES", IMAP_CAP_THREAD_REFERENCES },
	{ "WITHIN", IMAP_CAP_WITHIN },
	{ "CONDSTORE", IMAP_CAP_CONDSTORE },
	{ "QRESYNC", IMAP_CAP_QRESYNC },
	{ "COMPRESS=DEFLATE", IMAP_CAP_COMPRESS_DEFLATE },
	{ "BINARY", IMAP_CAP_BINARY },
	{ "MULTIAPPEND", IMAP_CAP_MULTIAPPEND },
	{ "APPENDLIMIT", IMAP_CAP_APPENDLIMIT },
	{ "QUOTA", IMAP_CAP_QUOTA },
	{ "ACL", IMAP_CAP_ACL },
	{ "METADATA", IMAP_CAP_METADATA },
	{ "NOTIFY", IMAP_CAP_NOTIFY },
	{ "PREVIEW", IMAP_CAP_PREVIEW },
	{ "SAVEDATE", IMAP_CAP_SAVEDATE },
	{ "OBJECTID", IMAP_CAP_OBJECTID },
	{ "UTF8=ACCEPT", IMAP_CAP_UTF8_ACCEPT },
	{ "PARTIAL", IMAP_CAP_PARTIAL },
	{ "UIDONLY", IMAP_CAP_UIDONLY },
	{ "REPLACE", IMAP_CAP_REPLACE },
	{ "X-GM-EXT-1", IMAP_CAP_X_GM_EXT_1 },
	{ "CREATE-SPECIAL-USE", IMAP_CAP_CREATE_SPECIAL_USE },
};

/* What IMAP4rev2 contains without its being announced (RFC 9051 appendix E). */
static const enum imap_capability in_rev2[] = {
	IMAP_CAP_NAMESPACE, IMAP_CAP_UNSELECT, IMAP_CAP_UIDPLUS,
	IMAP_CAP_ESEARCH, IMAP_CAP_SEARCHRES, IMAP_CAP_ENABLE, IMAP_CAP_IDLE,
	IMAP_CAP_SASL_IR, IMAP_CAP_LIST_EXTENDED, IMAP_CAP_LIST_STATUS,
	IMAP_CAP_MOVE, IMAP_CAP_LITERAL_MINUS, IMAP_CAP_SPECIAL_USE,
	IMAP_CAP_CHILDREN, IMAP_CAP_STATUS_SIZE,
};

uint64_t capability_bit(const char *name)
{
	const char *value = strchr(name, '=');

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		if (g_ascii_strcasecmp(names[i].name, name) == 0)
			return UINT64_C(1) << names[i].capability;
	}
	/* APPENDLIMIT=35651584 */
	if (value != NULL && g_ascii_strncasecmp(name, "APPENDLIMIT=", 12) == 0)
		return UINT64_C(1) << IMAP_CAP_APPENDLIMIT;
	return 0;
}

const char *capability_name(enum imap_capability capability)
{
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		if (names[i].capability == capability)
			return names[i].name;
	}
	return "";
}

static uint64_t rev2_bits(void)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(in_rev2); i++)
		bits |= UINT64_C(1) << in_rev2[i];
	return bits;
}

void capabilities_forget(struct imap *imap)
{
	imap->capabilities = 0;
	imap->capabilities_known = false;
	g_ptr_array_set_size(imap->capability_names, 0);
	g_ptr_array_add(imap->capability_names, NULL);
}

static bool last_is(const GPtrArray *all, const char *name)
{
	return all->len > 0 &&
	       g_ascii_strcasecmp(all->pdata[all->len - 1], name) == 0;
}

bool capabilities_read(struct imap *imap, struct lexer *lex)
{
	GPtrArray *all = imap->capability_names;
	struct token token;

	capabilities_forget(imap);
	g_ptr_array_set_size(all, 0);
	while (!lex_at_end(lex)) {
		char *name;

		/* Parentheses do not belong here; one server's odd token must
		 * not cost the others. */
		if (!lex_atom(lex, &token)) {
			lex->p++;
			continue;
		}
		if (!lex_count(lex))
			break;
		name = g_strndup(token.s, token.n);
		imap->capabilities |= capability_bit(name);
		/* "LITERAL +" as one server writes it. */
		if (strcmp(name, "+") == 0 && last_is(all, "LITERAL"))
			imap->capabilities |= capability_bit("LITERAL+");
		g_ptr_array_add(all, name);
	}
	g_ptr_array_add(all, NULL);
	if (imap_has(imap, IMAP_CAP_IMAP4REV2))
		imap->capabilities |= rev2_bits();
	imap->capabilities_known = true;
	imap->capabilities_fresh = true;
	return true;
}

bool imap_capabilities_known(const struct imap *imap)
{
	return imap->capabilities_known;
}

bool imap_has(const struct imap *imap, enum imap_capability capability)
{
	return (imap->capabilities >> capability & 1) != 0;
}

bool imap_has_named(const struct imap *imap, const char *name)
{
	for (guint i = 0; i + 1 < imap->capability_names->len; i++) {
		if (g_ascii_strcasecmp(imap->capability_names->pdata[i],
				       name) == 0)
			return true;
	}
	return false;
}

const char *const *imap_capabilities(const struct imap *imap)
{
	return (const char *const *)imap->capability_names->pdata;
}

bool imap_enabled(const struct imap *imap, enum imap_capability capability)
{
	return (imap->enabled >> capability & 1) != 0;
}
