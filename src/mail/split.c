/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "codec.h"
#include "field.h"
#include "param.h"
#include "part.h"
#include "smew/base.h"
#include "split.h"
#include "words.h"

/* RFC 2046 allows 70; more is sent. */
#define BOUNDARY_LIMIT 1000

struct splitter {
	struct split *split;
	int parts;
};

/* One entity while it is read. */
struct entity {
	GBytes *octets;	     /* header and body; borrowed */
	const char *section; /* of a leaf; borrowed */
	const char *prefix;  /* of its parts, "" at the root; borrowed */
	const char *multi;   /* its section if it is a multipart; borrowed */
	bool in_digest;
	int depth;
};

static struct mail_part *read_entity(struct splitter *splitter,
				     const struct entity *entity);

static void take_type(struct mail_part *part, const char *value, bool digest)
{
	char *slash = strchr(value, '/');
	size_t length = slash == NULL ? 0 : (size_t)(slash - value);

	if (length > 0 && slash[1] != '\0') {
		part_set(&part->type, words_decode(value, length));
		part_set(&part->subtype,
			 words_decode(slash + 1, strlen(slash + 1)));
	}
	if (*part->type == '\0' || *part->subtype == '\0') {
		part_set(&part->type, g_strdup(digest ? "message" : "text"));
		part_set(&part->subtype,
			 g_strdup(digest ? "rfc822" : "plain"));
	}
}

static char *take_encoding(const struct field *field)
{
	g_autofree char *value = field_unfold(field);
	GPtrArray *params = params_new();
	char *encoding = params_read(params, value);

	g_ptr_array_unref(params);
	part_set(&encoding, words_decode(encoding, strlen(encoding)));
	return encoding;
}

/* The fields of one entity that say what it is: of duplicates the first. */
struct description {
	GPtrArray *type, *disposition; /* parameters */
	char *head;		       /* "text/plain", or NULL */
	char *disposition_head;	       /* or NULL */
	char *boundary;		       /* or NULL */
};

static void take_field(struct description *about, struct mail_part *part,
		       const struct field *field)
{
	g_autofree char *value = NULL;

	if (field_is(field, "Content-Type") && about->head == NULL) {
		value = field_unfold(field);
		about->head = params_read(about->type, value);
	} else if (field_is(field, "Content-Disposition") &&
		   about->disposition_head == NULL) {
		value = field_unfold(field);
		about->disposition_head =
			params_read(about->disposition, value);
	} else if (field_is(field, "Content-Transfer-Encoding") &&
		   *part->encoding == '\0') {
		part_set(&part->encoding, take_encoding(field));
	} else if (field_is(field, "Content-Description") &&
		   *part->description == '\0') {
		part_set(&part->description,
			 mail_decode(field->value,
				     (gssize)field->value_length));
	} else if (field_is(field, "Content-ID") &&
		   *part->content_id == '\0') {
		part_set(&part->content_id,
			 field_in_brackets(field->value,
					   field->value_length));
	}
}

/* A boundary is compared as octets: no decoding, but RFC 2231 pieces. */
static char *raw_boundary(const GPtrArray *params)
{
	for (guint i = 0; i + 1 < params->len; i += 2)
		if (strcmp(g_ptr_array_index(params, i), "boundary") == 0)
			return g_strdup(g_ptr_array_index(params, i + 1));
	return params_get(params, "boundary");
}

static void apply_parameters(struct mail_part *part,
			     const struct description *about)
{
	g_ptr_array_add(about->type, NULL);
	g_ptr_array_add(about->disposition, NULL);
	mail_part_parameters(part, (const char *const *)about->type->pdata,
			     (const char *const *)about->disposition->pdata);
}

/* Reads the header; returns where the body begins. */
static size_t read_header(struct mail_part *part, GBytes *octets, bool digest,
			  char **boundary)
{
	struct description about = {
		.type = params_new(),
		.disposition = params_new(),
	};
	gsize length;
	const char *data = g_bytes_get_data(octets, &length);
	struct field_reader reader;
	struct field field;

	field_reader_init(&reader, data, length);
	while (field_next(&reader, &field))
		take_field(&about, part, &field);
	take_type(part, about.head != NULL ? about.head : "", digest);
	if (*part->encoding == '\0')
		part_set(&part->encoding, g_strdup("7bit"));
	if (about.disposition_head != NULL)
		part_set(&part->disposition,
			 words_decode(about.disposition_head,
				      strlen(about.disposition_head)));
	*boundary = raw_boundary(about.type);
	apply_parameters(part, &about);
	g_ptr_array_unref(about.type);
	g_ptr_array_unref(about.disposition);
	g_free(about.head);
	g_free(about.disposition_head);
	return data == NULL ? 0 : (size_t)(reader.at - data);
}

/* A line "--boundary" or "--boundary--" at 'at'? Sets where the next begins. */
static bool is_delimiter(const char *start, const char *at, size_t length,
			 const char *end, const char **next, bool *last)
{
	if (at > start && at[-1] != '\n')
		return false;
	at += length;
	*last = end - at >= 2 && at[0] == '-' && at[1] == '-';
	if (*last)
		at += 2;
	while (at < end && (*at == ' ' || *at == '\t' || *at == '\r'))
		at++;
	if (at < end && *at != '\n')
		return false;
	*next = at < end ? at + 1 : at;
	return true;
}

/* The line end before a delimiter belongs to it (RFC 2046 5.1.1). */
static const char *without_line_end(const char *start, const char *at)
{
	if (at > start && at[-1] == '\n')
		at--;
	if (at > start && at[-1] == '\r')
		at--;
	return at;
}

struct part_finder {
	const char *start, *at, *end;
	GString *delimiter; /* "--boundary" */
	const char *part;   /* where the part being passed begins, or NULL */
	bool closed;
};

/* The next part between two delimiters, or after the last one. */
static bool next_part(struct part_finder *finder, const char **from,
		      const char **to)
{
	while (!finder->closed) {
		const char *part = finder->part, *next = NULL, *found;
		bool last = false;

		found = memmem(finder->at, (size_t)(finder->end - finder->at),
			       finder->delimiter->str, finder->delimiter->len);
		if (found == NULL) {
			finder->closed = true;
			*from = part;
			*to = finder->end;
			return part != NULL;
		}
		if (!is_delimiter(finder->start, found, finder->delimiter->len,
				  finder->end, &next, &last)) {
			finder->at = found + 2;
			continue;
		}
		finder->closed = last;
		finder->part = finder->at = next;
		if (part == NULL)
			continue;
		*from = part;
		*to = MAX(part, without_line_end(finder->start, found));
		return true;
	}
	return false;
}

static void add_child(struct splitter *splitter, const struct entity *parent,
		      struct mail_part *part, GBytes *octets)
{
	bool digest = part_is(part, "multipart", "digest");
	g_autofree char *section = g_strdup_printf(
		"%s%s%u", parent->prefix, *parent->prefix == '\0' ? "" : ".",
		part->children->len + 1);
	struct entity child = {
		.octets = octets,
		.section = section,
		.prefix = section,
		.multi = section,
		.in_digest = digest,
		.depth = parent->depth + 1,
	};

	g_ptr_array_add(part->children, read_entity(splitter, &child));
}

static void split_multipart(struct splitter *splitter,
			    const struct entity *entity,
			    struct mail_part *part, GBytes *body,
			    const char *boundary)
{
	gsize length;
	const char *data = g_bytes_get_data(body, &length);
	struct part_finder finder = {
		.start = data, .at = data, .end = data + length};
	const char *from, *to;

	part->children = g_ptr_array_new();
	if (boundary == NULL || *boundary == '\0' || length == 0 ||
	    strlen(boundary) > BOUNDARY_LIMIT)
		return;
	finder.delimiter = g_string_new("--");
	g_string_append(finder.delimiter, boundary);
	while (next_part(&finder, &from, &to)) {
		g_autoptr(GBytes) octets = g_bytes_new_from_bytes(
			body, (gsize)(from - data), (gsize)(to - from));

		/* A last delimiter that does not say so is no part. */
		if (from == to && finder.closed && from == finder.end)
			break;
		if (splitter->parts >= PART_COUNT_LIMIT) {
			splitter->split->cut = true;
			break;
		}
		add_child(splitter, entity, part, octets);
	}
	g_string_free(finder.delimiter, TRUE);
}

static void keep_section(struct splitter *splitter, char *section,
			 GBytes *octets)
{
	g_hash_table_insert(splitter->split->sections, section,
			    g_bytes_ref(octets));
}

/* A message in a message: its header, and its one part below it. */
static void split_embedded(struct splitter *splitter,
			   const struct entity *entity,
			   struct mail_part *part, GBytes *body)
{
	bool damaged;
	g_autoptr(GBytes) octets = codec_decode(part->encoding, body, &damaged);
	gsize length;
	const char *data = g_bytes_get_data(octets, &length);
	size_t offset = data == NULL ? 0 : field_body_offset(data, length);
	g_autoptr(GBytes) header = g_bytes_new_from_bytes(octets, 0, offset);
	g_autofree char *leaf = g_strconcat(entity->section, ".1", NULL);
	g_autofree char *multi = g_strconcat(entity->section, ".TEXT", NULL);
	struct entity child = {
		.octets = octets,
		.section = leaf,
		.prefix = entity->section,
		.multi = multi,
		.depth = entity->depth + 1,
	};

	part->children = g_ptr_array_new();
	keep_section(splitter, g_strconcat(entity->section, ".HEADER", NULL),
		     header);
	g_ptr_array_add(part->children, read_entity(splitter, &child));
}

static struct mail_part *read_entity(struct splitter *splitter,
				     const struct entity *entity)
{
	struct mail_part *part = mail_part_new();
	g_autofree char *boundary = NULL;
	g_autoptr(GBytes) body = NULL;
	size_t offset = read_header(part, entity->octets, entity->in_digest,
				    &boundary);
	size_t length = g_bytes_get_size(entity->octets) - offset;

	splitter->parts++;
	body = g_bytes_new_from_bytes(entity->octets, offset, length);
	part->size = length;
	if (part_is_type(part, "multipart")) {
		part_set(&part->section, g_strdup(entity->multi));
		if (entity->depth < PART_DEPTH_LIMIT)
			split_multipart(splitter, entity, part, body, boundary);
		if (part_is_broken(part))
			keep_section(splitter, part_broken_section(part), body);
		return part;
	}
	part_set(&part->section, g_strdup(entity->section));
	if (part_is_message(part) && entity->depth < PART_DEPTH_LIMIT &&
	    splitter->parts < PART_COUNT_LIMIT)
		split_embedded(splitter, entity, part, body);
	else
		keep_section(splitter, g_strdup(part->section), body);
	return part;
}

void split_message(struct split *split, GBytes *whole)
{
	struct splitter splitter = {.split = split};
	struct entity root = {
		.octets = whole,
		.section = "1",
		.prefix = "",
		.multi = "",
	};

	split->cut = false;
	split->sections = g_hash_table_new_full(
		g_str_hash, g_str_equal, g_free,
		(GDestroyNotify)g_bytes_unref);
	split->root = read_entity(&splitter, &root);
}

void split_release(struct split *split)
{
	mail_part_free(split->root);
	g_hash_table_unref(split->sections);
}
