/* SPDX-License-Identifier: GPL-3.0-or-later */
/* draft: a message that is being written, in memory and as a text to keep. */
#include "config.h"

#include <string.h>
#include <sys/random.h>

#include "address.h"
#include "draft.h"
#include "smew/base.h"

enum { ID_OCTETS = 15 };

static const char *const field_names[MAIL_DRAFT_FIELDS] = {
	[MAIL_FROM] = "From",
	[MAIL_TO] = "To",
	[MAIL_CC] = "Cc",
	[MAIL_BCC] = "Bcc",
	[MAIL_REPLY_TO] = "Reply-To",
	[MAIL_FOLLOWUP_TO] = "Mail-Followup-To",
	[MAIL_SUBJECT] = "Subject",
};

const char *mail_draft_field_name(enum mail_draft_field field)
{
	return field_names[field];
}

static void attachment_free(gpointer data)
{
	struct mail_attachment *attachment = data;

	g_free(attachment->path);
	g_free(attachment->name);
	g_free(attachment->type);
	g_free(attachment->description);
	g_free(attachment->charset);
	g_free(attachment->encoding);
	g_free(attachment);
}

static void field_free(gpointer data)
{
	struct mail_field *field = data;

	g_free(field->name);
	g_free(field->value);
	g_free(field);
}

bool mail_encoding_known(const char *encoding)
{
	return *encoding == '\0' ||
	       g_ascii_strcasecmp(encoding, "base64") == 0 ||
	       g_ascii_strcasecmp(encoding, "quoted-printable") == 0;
}

struct mail_draft *mail_draft_new(void)
{
	struct mail_draft *draft = g_new0(struct mail_draft, 1);

	for (int i = 0; i < MAIL_DRAFT_FIELDS; i++)
		draft->fields[i] = g_strdup("");
	draft->fcc = g_strdup("");
	draft->in_reply_to = g_strdup("");
	draft->text = g_strdup("");
	draft->message_id = g_strdup("");
	draft->references = g_ptr_array_new_with_free_func(g_free);
	draft->extra = g_ptr_array_new_with_free_func(field_free);
	draft->attachments = g_ptr_array_new_with_free_func(attachment_free);
	return draft;
}

void mail_draft_free(struct mail_draft *draft)
{
	if (draft == NULL)
		return;
	for (int i = 0; i < MAIL_DRAFT_FIELDS; i++)
		g_free(draft->fields[i]);
	g_free(draft->fcc);
	g_free(draft->in_reply_to);
	g_free(draft->text);
	g_free(draft->message_id);
	g_ptr_array_unref(draft->references);
	g_ptr_array_unref(draft->extra);
	g_ptr_array_unref(draft->attachments);
	g_free(draft);
}

void mail_draft_set(char **slot, const char *value)
{
	char *copy = g_strdup(value);

	g_free(*slot);
	*slot = copy;
}

void mail_draft_add_header(struct mail_draft *draft, const char *name,
			   const char *value)
{
	struct mail_field *field = g_new0(struct mail_field, 1);

	field->name = g_strdup(name);
	field->value = g_strdup(value);
	g_ptr_array_add(draft->extra, field);
}

struct mail_attachment *mail_draft_attach(struct mail_draft *draft,
					  const char *path, const char *name,
					  const char *type)
{
	struct mail_attachment *attachment = g_new0(struct mail_attachment, 1);

	attachment->path = g_strdup(path);
	attachment->name = g_strdup(name);
	attachment->type = g_strdup(type);
	attachment->description = g_strdup("");
	attachment->charset = g_strdup("");
	attachment->encoding = g_strdup("");
	g_ptr_array_add(draft->attachments, attachment);
	return attachment;
}

static void copy_attachment(struct mail_draft *draft,
			    const struct mail_attachment *from)
{
	struct mail_attachment *to = mail_draft_attach(draft, from->path,
						       from->name, from->type);

	mail_draft_set(&to->description, from->description);
	mail_draft_set(&to->charset, from->charset);
	mail_draft_set(&to->encoding, from->encoding);
	to->is_inline = from->is_inline;
	to->unlink = from->unlink;
	to->own = from->own;
	to->size = from->size;
}

struct mail_draft *mail_draft_copy(const struct mail_draft *draft)
{
	struct mail_draft *copy = mail_draft_new();

	for (int i = 0; i < MAIL_DRAFT_FIELDS; i++)
		mail_draft_set(&copy->fields[i], draft->fields[i]);
	mail_draft_set(&copy->fcc, draft->fcc);
	mail_draft_set(&copy->in_reply_to, draft->in_reply_to);
	mail_draft_set(&copy->text, draft->text);
	mail_draft_set(&copy->message_id, draft->message_id);
	for (guint i = 0; i < draft->references->len; i++)
		g_ptr_array_add(copy->references,
				g_strdup(g_ptr_array_index(draft->references,
							   i)));
	for (guint i = 0; i < draft->extra->len; i++) {
		const struct mail_field *field =
			g_ptr_array_index(draft->extra, i);
		mail_draft_add_header(copy, field->name, field->value);
	}
	for (guint i = 0; i < draft->attachments->len; i++)
		copy_attachment(copy, g_ptr_array_index(draft->attachments, i));
	return copy;
}

/* ---- Message-ID ---- */

/* The domain alone tells where it comes from; the host's name stays out. */
char *mail_message_id(const char *from)
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";
	g_autoptr(GPtrArray) list = mail_addresses_read(from);
	g_autofree char *wire = NULL;
	const char *domain = "localhost.invalid";
	unsigned char random[ID_OCTETS * 2];
	char id[ID_OCTETS * 2 + 1] = "";

	if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
		for (size_t i = 0; i < sizeof random; i++)
			random[i] = (unsigned char)g_random_int();
	for (size_t i = 0; i < sizeof random; i++)
		id[i] = digits[random[i] % 32];
	if (list->len > 0) {
		const struct mail_address *first = g_ptr_array_index(list, 0);

		wire = mail_address_wire(first->email, NULL);
		if (wire != NULL && strrchr(wire, '@') != NULL)
			domain = strrchr(wire, '@') + 1;
	}
	return g_strconcat(id, "@", domain, NULL);
}

/* ---- as a text to keep ---- */

#define GROUP "draft"
#define FORMAT 1

static void write_attachment(GKeyFile *file, const char *group,
			     const struct mail_attachment *a)
{
	g_key_file_set_string(file, group, "path", a->path);
	g_key_file_set_string(file, group, "name", a->name);
	g_key_file_set_string(file, group, "type", a->type);
	g_key_file_set_string(file, group, "description", a->description);
	g_key_file_set_string(file, group, "charset", a->charset);
	g_key_file_set_string(file, group, "encoding", a->encoding);
	g_key_file_set_boolean(file, group, "inline", a->is_inline);
	g_key_file_set_boolean(file, group, "unlink", a->unlink);
	g_key_file_set_boolean(file, group, "own", a->own);
	g_key_file_set_uint64(file, group, "size", a->size);
}

static void write_lists(GKeyFile *file, const struct mail_draft *draft)
{
	g_autoptr(GPtrArray) extra = g_ptr_array_new();

	for (guint i = 0; i < draft->extra->len; i++) {
		const struct mail_field *field =
			g_ptr_array_index(draft->extra, i);

		g_ptr_array_add(extra, field->name);
		g_ptr_array_add(extra, field->value);
	}
	if (extra->len > 0)
		g_key_file_set_string_list(file, GROUP, "extra",
					   (const char *const *)extra->pdata,
					   extra->len);
	if (draft->references->len > 0)
		g_key_file_set_string_list(
			file, GROUP, "references",
			(const char *const *)draft->references->pdata,
			draft->references->len);
}

char *mail_draft_write(const struct mail_draft *draft)
{
	g_autoptr(GKeyFile) file = g_key_file_new();

	g_key_file_set_integer(file, GROUP, "format", FORMAT);
	for (int i = 0; i < MAIL_DRAFT_FIELDS; i++)
		g_key_file_set_string(file, GROUP, field_names[i],
				      draft->fields[i]);
	g_key_file_set_string(file, GROUP, "fcc", draft->fcc);
	g_key_file_set_string(file, GROUP, "in-reply-to", draft->in_reply_to);
	g_key_file_set_string(file, GROUP, "message-id", draft->message_id);
	write_lists(file, draft);
	for (guint i = 0; i < draft->attachments->len; i++) {
		g_autofree char *group = g_strdup_printf("attachment %u", i);

		write_attachment(file, group,
				 g_ptr_array_index(draft->attachments, i));
	}
	return g_key_file_to_data(file, NULL, NULL);
}

static void read_string(GKeyFile *file, const char *group, const char *key,
			char **slot)
{
	char *value = g_key_file_get_string(file, group, key, NULL);

	if (value == NULL)
		return;
	g_free(*slot);
	*slot = value;
}

static void read_attachment(GKeyFile *file, const char *group,
			    struct mail_draft *draft)
{
	struct mail_attachment *a = mail_draft_attach(draft, "", "", "");

	read_string(file, group, "path", &a->path);
	read_string(file, group, "name", &a->name);
	read_string(file, group, "type", &a->type);
	read_string(file, group, "description", &a->description);
	read_string(file, group, "charset", &a->charset);
	read_string(file, group, "encoding", &a->encoding);
	a->is_inline = g_key_file_get_boolean(file, group, "inline", NULL);
	a->unlink = g_key_file_get_boolean(file, group, "unlink", NULL);
	a->own = g_key_file_get_boolean(file, group, "own", NULL);
	a->size = g_key_file_get_uint64(file, group, "size", NULL);
}

static void read_lists(GKeyFile *file, struct mail_draft *draft)
{
	g_auto(GStrv) extra =
		g_key_file_get_string_list(file, GROUP, "extra", NULL, NULL);
	g_auto(GStrv) references = g_key_file_get_string_list(
		file, GROUP, "references", NULL, NULL);

	for (char **s = extra; s != NULL && s[0] != NULL && s[1] != NULL;
	     s += 2)
		mail_draft_add_header(draft, s[0], s[1]);
	for (char **s = references; s != NULL && *s != NULL; s++)
		g_ptr_array_add(draft->references, g_strdup(*s));
}

struct mail_draft *mail_draft_read(const char *text, GError **error)
{
	g_autoptr(GKeyFile) file = g_key_file_new();
	struct mail_draft *draft;

	if (!g_key_file_load_from_data(file, text, strlen(text),
				       G_KEY_FILE_NONE, NULL) ||
	    g_key_file_get_integer(file, GROUP, "format", NULL) != FORMAT) {
		g_set_error_literal(error, MAIL_ERROR, MAIL_ERROR_DAMAGED,
				    _("the file of a draft cannot be read"));
		return NULL;
	}
	draft = mail_draft_new();
	for (int i = 0; i < MAIL_DRAFT_FIELDS; i++)
		read_string(file, GROUP, field_names[i], &draft->fields[i]);
	read_string(file, GROUP, "fcc", &draft->fcc);
	read_string(file, GROUP, "in-reply-to", &draft->in_reply_to);
	read_string(file, GROUP, "message-id", &draft->message_id);
	read_lists(file, draft);
	for (guint i = 0;; i++) {
		g_autofree char *group = g_strdup_printf("attachment %u", i);

		if (!g_key_file_has_group(file, group))
			break;
		read_attachment(file, group, draft);
	}
	return draft;
}
