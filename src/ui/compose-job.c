/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What compose has workers do: files, programs, the parts of messages. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "background.h"
#include "compose-private.h"
#include "smew/drafts.h"
#include "smew/outbox.h"

enum {
	QUOTE_WIDTH = 72,     /* of HTML that is quoted */
	VIEWED_MAX = 1 << 20, /* octets that a viewer may write */
	VIEWER_MS = 30000,    /* and how long it may take */
};

#define FILE_DRAFT "draft"
#define FILE_ABOUT "about"
#define FILE_TEXT "message.eml"
#define FILE_HEADERS "headers.eml"
#define FILE_SCRIPT "edit"

void compose_job_release(struct post *post)
{
	struct compose_job *job = (struct compose_job *)post;

	mail_draft_free(job->draft);
	g_free(job->dir);
	g_free(job->state);
	g_free(job->about);
	g_free(job->script);
	g_free(job->command);
	mail_viewer_free(job->viewer);
	if (job->watch >= 0)
		close(job->watch);
	g_free(job->text.attribution);
	g_free(job->text.indent);
	g_free(job->text.trailer);
	g_free(job->text.intro);
	g_free(job->text.outro);
	g_free(job->text.signature);
	g_clear_pointer(&job->whole, g_bytes_unref);
	g_clear_pointer(&job->bytes, g_bytes_unref);
	g_clear_pointer(&job->sections, g_hash_table_unref);
	g_clear_pointer(&job->structure, mail_part_free);
	g_clear_pointer(&job->paths, g_ptr_array_unref);
	g_clear_pointer(&job->left, g_ptr_array_unref);
	g_free(job->charsets);
	for (size_t i = 0; i < G_N_ELEMENTS(job->notes); i++)
		g_free(job->notes[i]);
	g_free(job->account);
	g_free(job->from_file);
	if (job->then != NULL)
		post_free(&job->then->job.post);
	g_free(job->problem);
	g_free(job->path);
	g_free(job->shown);
	g_free(job);
}

/* The first problem is the one to be told. */
static void fail(struct compose_job *job, GError *error)
{
	if (job->problem == NULL)
		job->problem = g_strdup(error->message);
	g_error_free(error);
}

/* ---- the text to begin with ---- */

static void append_quoted(GString *out, const char *text, const char *indent)
{
	while (*text != '\0') {
		size_t n = strcspn(text, "\n");

		g_string_append(out, indent);
		g_string_append_len(out, text, (gssize)n);
		g_string_append_c(out, '\n');
		text += n;
		text += *text == '\n';
	}
}

static struct mail_source source_of(const struct compose_job *job)
{
	return (struct mail_source){
		.whole = job->whole,
		.header = job->bytes,
		.structure = job->structure,
		.sections = job->sections,
	};
}

/* The fields of the original that a reader wants to see. */
static void append_fields(GString *out, const struct compose_job *job)
{
	static const char *const names[] = { "Date", "From", "To", "Cc",
					     "Reply-To", "Subject" };
	const struct mail_source source = source_of(job);
	struct mail_document *document = mail_render(&source);

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		for (guint k = 0; k < document->fields->len; k++) {
			const struct mail_field *f =
				g_ptr_array_index(document->fields, k);

			if (g_ascii_strcasecmp(f->name, names[i]) == 0)
				g_string_append_printf(out, "%s: %s\n",
						       names[i], f->value);
		}
	g_string_append_c(out, '\n');
	mail_document_free(document);
}

static void append_original(GString *out, const struct compose_job *job)
{
	const struct compose_template *t = &job->text;
	const struct mail_source source = source_of(job);
	g_autofree char *text = mail_text(&source, QUOTE_WIDTH);
	g_autoptr(GString) inner = g_string_new(NULL);

	if (t->attribution != NULL && *t->attribution != '\0')
		g_string_append_printf(out, "%s\n", t->attribution);
	if (t->intro != NULL)
		g_string_append_printf(out, "%s\n\n", t->intro);
	if (t->fields)
		append_fields(inner, job);
	g_string_append(inner, text);
	if (t->quote)
		append_quoted(out, inner->str, t->indent);
	else
		g_string_append(out, inner->str);
	if (t->outro != NULL)
		g_string_append_printf(out, "\n%s\n", t->outro);
	if (t->trailer != NULL && *t->trailer != '\0')
		g_string_append_printf(out, "%s\n", t->trailer);
}

static void append_signature(GString *out, const struct compose_template *t)
{
	g_autofree char *raw = t->signature != NULL
				       ? mail_signature(t->signature)
				       : NULL;
	g_autofree char *text = NULL;

	if (raw == NULL || *raw == '\0')
		return;
	text = sanitise_text(raw, -1);
	g_string_append(out, t->sig_on_top ? "" : "\n");
	if (t->sig_dashes)
		g_string_append(out, "-- \n");
	g_string_append(out, text);
	if (!g_str_has_suffix(text, "\n"))
		g_string_append_c(out, '\n');
}

static void make_text(struct compose_job *job)
{
	const struct compose_template *t = &job->text;
	GString *out = g_string_new(job->draft->text);

	if (out->len > 0 && out->str[out->len - 1] != '\n')
		g_string_append_c(out, '\n');
	if (t->sig_on_top) {
		g_string_append_c(out, '\n');
		append_signature(out, t);
		g_string_append_c(out, '\n');
	}
	if (job->include)
		append_original(out, job);
	if (!t->sig_on_top)
		append_signature(out, t);
	g_free(job->draft->text);
	job->draft->text = g_string_free(out, FALSE);
}

/* ---- files ---- */

static void put(struct compose_job *job, const char *name, const char *text)
{
	GError *error = NULL;

	if (!drafts_write(job->dir, name, text, strlen(text), &error))
		fail(job, error);
}

/* All of the draft; the text counts before the fields are known. */
static void save(struct compose_job *job)
{
	g_autofree char *draft = mail_draft_write(job->draft);

	put(job, FILE_TEXT, job->draft->text);
	put(job, FILE_DRAFT, draft);
	if (job->about != NULL)
		put(job, FILE_ABOUT, job->about);
}

static void attach_message(struct compose_job *job)
{
	g_autofree char *name = g_strdup_printf(
		"forwarded-%u", job->draft->attachments->len);
	g_autofree char *path = g_build_filename(job->dir, name, NULL);
	struct mail_attachment *a;
	GError *error = NULL;
	gsize length;
	const char *data;

	if (job->whole == NULL)
		return;
	data = g_bytes_get_data(job->whole, &length);
	if (!drafts_write(job->dir, name, data, length, &error)) {
		fail(job, error);
		return;
	}
	a = mail_draft_attach(job->draft, path, "", "message/rfc822");
	a->size = length;
	a->own = true;
	a->is_inline = true;
}

/* The parts of the original that its text is not. */
static void attach_parts(struct compose_job *job)
{
	GError *error = NULL;
	struct mail_draft *parts =
		job->whole != NULL
			? mail_draft_reopen(job->whole, job->dir, &error)
			: NULL;

	if (error != NULL)
		fail(job, error);
	if (parts == NULL)
		return;
	for (guint i = 0; i < parts->attachments->len; i++) {
		const struct mail_attachment *from =
			g_ptr_array_index(parts->attachments, i);
		struct mail_attachment *to;

		if (g_str_has_prefix(from->type, "text/html"))
			continue;
		to = mail_draft_attach(job->draft, from->path, from->name,
				       from->type);
		mail_draft_set(&to->description, from->description);
		mail_draft_set(&to->charset, from->charset);
		to->own = true;
		to->size = from->size;
	}
	mail_draft_free(parts);
}

static void read_whole(struct compose_job *job)
{
	g_autofree char *dir = g_path_get_dirname(job->from_file);
	g_autofree char *name = g_path_get_basename(job->from_file);
	GError *error = NULL;

	job->whole = drafts_read(dir, name, &error);
	if (job->whole == NULL)
		fail(job, error);
}

static void reopen(struct compose_job *job)
{
	GError *error = NULL;
	struct mail_draft *draft;

	if (job->from_file != NULL)
		read_whole(job);
	if (job->whole == NULL)
		return;
	draft = mail_draft_reopen(job->whole, job->dir, &error);

	if (draft == NULL) {
		fail(job, error);
		return;
	}
	mail_draft_free(job->draft);
	job->draft = draft;
}

static void prepare(struct compose_job *job)
{
	GError *error = NULL;

	job->dir = drafts_new(job->state, &job->lock, &error);
	if (job->dir == NULL) {
		fail(job, error);
		return;
	}
	if (job->reopen)
		reopen(job);
	else
		make_text(job);
	if (job->as_attachment)
		attach_message(job);
	else if (job->with_attachments)
		attach_parts(job);
	save(job);
}

/* For an editor in another window; 'path' is then what is to be run there. */
static void prepare_script(struct compose_job *job)
{
	g_autofree char *pipe = g_build_filename(job->dir, DRAFTS_PIPE, NULL);
	g_autofree char *pipe_word = g_shell_quote(pipe);
	g_autofree char *word = g_shell_quote(job->path);
	g_autofree char *editor = compose_command(job->script, word);
	g_autofree char *text =
		g_strdup_printf(BACKGROUND_SCRIPT, pipe_word, editor);
	GError *error = NULL;

	put(job, FILE_SCRIPT, text);
	job->watch = drafts_watch_new(job->dir, &error);
	if (job->watch < 0)
		fail(job, error);
	g_free(job->path);
	job->path = g_build_filename(job->dir, FILE_SCRIPT, NULL);
}

static void write_file(struct compose_job *job)
{
	const char *name = job->headers ? FILE_HEADERS : FILE_TEXT;
	g_autofree char *text = mail_draft_edit(job->draft, job->headers);

	put(job, name, text);
	job->time = drafts_time(job->dir, name);
	job->path = g_build_filename(job->dir, name, NULL);
	if (job->script != NULL)
		prepare_script(job);
}

/* ---- the editor's file, back ---- */

static void read_file(struct compose_job *job)
{
	const char *name = job->headers ? FILE_HEADERS : FILE_TEXT;
	GError *error = NULL;
	g_autoptr(GBytes) bytes = drafts_read(job->dir, name, &error);
	gsize length;
	const char *data;

	if (bytes == NULL) {
		fail(job, error);
		return;
	}
	job->time = drafts_time(job->dir, name);
	data = g_bytes_get_data(bytes, &length);
	mail_draft_edited(job->draft, data != NULL ? data : "", length,
			  job->headers);
	save(job);
	if (job->headers && job->problem == NULL)
		drafts_remove_file(job->dir, FILE_HEADERS);
}

/* ---- attachments ---- */

static bool look_at(struct compose_job *job, struct mail_attachment *a)
{
	GError *error = NULL;
	char *type = mail_file_type(a->path, &a->size, &error);

	if (type == NULL) {
		fail(job, error);
		return false;
	}
	if (*a->type == '\0')
		mail_draft_set(&a->type, type);
	g_free(type);
	return true;
}

/* Those that the editor's "Attach:" brought have no type yet. */
static void look_at_new(struct compose_job *job)
{
	GPtrArray *list = job->draft->attachments;

	for (guint i = 0; i < list->len;) {
		struct mail_attachment *a = g_ptr_array_index(list, i);

		if (*a->type != '\0' || look_at(job, a))
			i++;
		else
			g_ptr_array_remove_index(list, i);
	}
}

static void view(struct compose_job *job)
{
	const struct mail_attachment *a =
		g_ptr_array_index(job->draft->attachments, job->at - 1);
	GError *error = NULL;

	job->shown = mail_file_text(a->path, a->type, &error);
	if (job->shown == NULL)
		fail(job, error);
}

/* The file of the part; the text is written into its own first. */
static void locate_part(struct compose_job *job)
{
	const struct mail_attachment *a =
		job->at > 0 ? g_ptr_array_index(job->draft->attachments,
						job->at - 1)
			    : NULL;

	if (a != NULL) {
		job->path = path_expand(a->path);
		return;
	}
	save(job);
	job->path = g_build_filename(job->dir, FILE_TEXT, NULL);
}

/* What a viewer writes is shown by smew: foreign text like any other. */
static void run_viewer(struct compose_job *job)
{
	g_autofree char *command = compose_words(job->viewer->argv);
	GError *error = NULL;
	g_autofree char *output =
		spawn_output(command, VIEWED_MAX, VIEWER_MS, &error);

	if (output == NULL)
		fail(job, error);
	else
		job->shown = sanitise_text(output, -1);
}

static void find_viewer(struct compose_job *job)
{
	const struct mail_attachment *a =
		job->at > 0 ? g_ptr_array_index(job->draft->attachments,
						job->at - 1)
			    : NULL;
	struct mail_viewed viewed = {
		.type = a != NULL ? a->type : "text/plain",
		.charset = a != NULL ? a->charset : "utf-8",
	};
	g_autofree char *path = NULL;
	GError *error = NULL;

	locate_part(job);
	viewed.path = path = g_canonicalize_filename(job->path, NULL);
	job->viewer = mail_viewer(job->command, &viewed, &error);
	if (job->viewer == NULL)
		fail(job, error);
	else if (job->viewer->text)
		run_viewer(job);
}

static void copy_part(struct compose_job *job)
{
	g_autofree char *to = path_expand(job->command);
	GError *error = NULL;

	locate_part(job);
	if (job->problem == NULL && !mail_file_copy(job->path, to, &error))
		fail(job, error);
}

/* What becomes of the file of the user's does not matter any more. */
static void keep_part(struct compose_job *job)
{
	struct mail_attachment *a =
		g_ptr_array_index(job->draft->attachments, job->at - 1);
	g_autofree char *name = g_uuid_string_random();
	g_autofree char *to = g_build_filename(job->dir, name, NULL);
	g_autofree char *from = path_expand(a->path);
	GError *error = NULL;

	if (!mail_file_copy(from, to, &error)) {
		fail(job, error);
		return;
	}
	mail_draft_set(&a->path, to);
	a->own = true;
	a->unlink = false;
	save(job);
}

/* What was typed may stand for several. */
static void find_files(struct compose_job *job)
{
	GPtrArray *found;

	if (job->paths == NULL || job->paths->len != 1)
		return;
	found = mail_files(g_ptr_array_index(job->paths, 0));
	g_ptr_array_unref(job->paths);
	job->paths = found;
}

static void attach_files(struct compose_job *job)
{
	find_files(job);
	for (guint i = 0; job->paths != NULL && i < job->paths->len; i++) {
		const char *full = g_ptr_array_index(job->paths, i);
		g_autofree char *name = g_path_get_basename(full);
		g_autofree char *shown = sanitise_line(name, -1);

		mail_draft_attach(job->draft, full, shown, "");
	}
	if (job->whole != NULL)
		attach_message(job);
	look_at_new(job);
	save(job);
}

/* ---- what goes out ---- */

static void build(struct compose_job *job)
{
	GError *error = NULL;
	int fd = outbox_new_file(job->state, &job->path, &error);
	g_autofree char *id = NULL;
	bool good;

	if (fd < 0) {
		fail(job, error);
		return;
	}
	if (job->bounce) {
		good = mail_bounce(job->whole, job->draft->fields[MAIL_FROM],
				   job->draft->fields[MAIL_TO], fd, &id,
				   &error);
		mail_draft_set(&job->draft->message_id, id);
	} else {
		save(job);
		good = mail_compose(job->draft, &job->how, fd, NULL, &error) &&
		       job->problem == NULL;
	}
	if (fsync(fd) != 0 && good) {
		job->problem = g_strdup(_("the message cannot be written"));
		good = false;
	}
	close(fd);
	if (error != NULL)
		fail(job, error);
	if (!good)
		remove(job->path);
}

static void unlink_files(struct compose_job *job)
{
	for (guint i = 0; i < job->paths->len; i++) {
		g_autofree char *path =
			path_expand(g_ptr_array_index(job->paths, i));

		if (remove(path) != 0 && job->problem == NULL)
			job->problem = g_strdup_printf(
				_("cannot remove '%s': %s"), path,
				g_strerror(errno));
	}
}

static void resume(struct compose_job *job)
{
	GError *error = NULL;
	g_autoptr(GBytes) draft = NULL, about = NULL;
	g_autofree char *text = NULL;

	job->lock = drafts_lock(job->dir);
	if (job->lock < 0) {
		job->problem = g_strdup(_("another smew has this draft open"));
		return;
	}
	draft = drafts_read(job->dir, FILE_DRAFT, NULL);
	if (draft != NULL) {
		text = g_strndup(g_bytes_get_data(draft, NULL),
				 g_bytes_get_size(draft));
		job->draft = mail_draft_read(text, &error);
		if (job->draft == NULL) {
			fail(job, error);
			return;
		}
	} else {
		/* It had only begun: the text is what there is. */
		job->draft = mail_draft_new();
	}
	about = drafts_read(job->dir, FILE_ABOUT, NULL);
	if (about != NULL)
		job->about = g_strndup(g_bytes_get_data(about, NULL),
				       g_bytes_get_size(about));
	/* The editor was at work on it: its file is the newer one. */
	job->headers = drafts_time(job->dir, FILE_HEADERS) != 0;
	/* It still is, where it ran beside the smew that left this. */
	job->watch = drafts_watch(job->dir);
	if (job->watch < 0)
		read_file(job);
}

/* The outbox has what a kill left here, when it was let go before. */
static bool is_on_its_way(const struct compose_job *job, const char *dir)
{
	g_autoptr(GBytes) bytes = drafts_read(dir, FILE_DRAFT, NULL);
	g_autofree char *text = NULL, *id = NULL;
	struct mail_draft *draft;
	bool has = false;

	if (bytes == NULL)
		return false;
	text = g_strndup(g_bytes_get_data(bytes, NULL),
			 g_bytes_get_size(bytes));
	draft = mail_draft_read(text, NULL);
	if (draft != NULL && *draft->message_id != '\0') {
		id = g_strdup_printf("<%s>", draft->message_id);
		has = outbox_has(job->state, id);
	}
	mail_draft_free(draft);
	return has;
}

static void find_left(struct compose_job *job)
{
	job->left = drafts_left(job->state);
	for (guint i = job->left->len; i-- > 0;) {
		const char *dir = g_ptr_array_index(job->left, i);
		int lock;

		if (!is_on_its_way(job, dir))
			continue;
		lock = drafts_lock(dir);
		if (lock >= 0) {
			drafts_remove(dir);
			close(lock);
		}
		g_ptr_array_remove_index(job->left, i);
	}
}

static void work(struct app_job *base)
{
	struct compose_job *job = (struct compose_job *)base;

	switch (job->work) {
	case COMPOSE_PREPARE:
		prepare(job);
		break;
	case COMPOSE_WRITE:
		write_file(job);
		break;
	case COMPOSE_READ:
		read_file(job);
		look_at_new(job);
		break;
	case COMPOSE_SAVE:
		save(job);
		break;
	case COMPOSE_ATTACH:
		attach_files(job);
		break;
	case COMPOSE_BUILD:
		build(job);
		break;
	case COMPOSE_VIEW:
		view(job);
		break;
	case COMPOSE_PIPE:
		locate_part(job);
		break;
	case COMPOSE_MAILCAP:
		find_viewer(job);
		break;
	case COMPOSE_COPY:
		copy_part(job);
		break;
	case COMPOSE_KEEP:
		keep_part(job);
		break;
	case COMPOSE_UNLINK:
		unlink_files(job);
		break;
	case COMPOSE_DROP:
		drafts_remove(job->dir);
		break;
	case COMPOSE_LEFT:
		find_left(job);
		break;
	case COMPOSE_RESUME:
		resume(job);
		break;
	}
}

/* ---- giving them out ---- */

bool compose_blocks(enum compose_work kind)
{
	return kind != COMPOSE_SAVE && kind != COMPOSE_VIEW &&
	       kind != COMPOSE_COPY && kind != COMPOSE_MAILCAP;
}

struct compose_job *compose_job_new(struct compose *c, enum compose_work kind)
{
	struct compose_job *job = g_new0(struct compose_job, 1);

	job->job.post.kind = APP_COMPOSE;
	job->job.post.release = compose_job_release;
	job->job.work = work;
	job->work = kind;
	job->lock = job->watch = -1;
	if (c == NULL)
		return job;
	job->serial = c->serial;
	job->draft = mail_draft_copy(c->draft);
	job->dir = g_strdup(c->dir);
	job->state = path_state_dir(c->account->name);
	job->about = compose_about(c);
	c->blocked += compose_blocks(kind);
	return job;
}

void compose_job_start(struct app *app, struct compose_job *job)
{
	struct compose *c = compose_find(app, job->serial);

	if (c == NULL) {
		app_start_job(app, &job->job);
	} else if (c->running != NULL) {
		g_queue_push_tail(&c->jobs, job);
	} else {
		c->running = job;
		app_start_job(app, &job->job);
	}
}

void compose_save(struct compose *c)
{
	if (c->dir != NULL)
		compose_job_start(c->app, compose_job_new(c, COMPOSE_SAVE));
}

/* ---- what the draft does not hold ---- */

#define GROUP "about"

static void write_place(GKeyFile *file, const char *group,
			const struct compose_place *place)
{
	if (place->mailbox == NULL)
		return;
	g_key_file_set_string(file, group, "mailbox", place->mailbox);
	g_key_file_set_uint64(file, group, "uid", place->uid);
	g_key_file_set_uint64(file, group, "uidvalidity", place->uidvalidity);
	g_key_file_set_string(file, group, "message-id", place->message_id);
}

static void read_place(GKeyFile *file, const char *group,
		       struct compose_place *place)
{
	compose_place_clear(place);
	place->mailbox = g_key_file_get_string(file, group, "mailbox", NULL);
	place->uid = (uint32_t)g_key_file_get_uint64(file, group, "uid", NULL);
	place->uidvalidity =
		g_key_file_get_uint64(file, group, "uidvalidity", NULL);
	place->message_id =
		g_key_file_get_string(file, group, "message-id", NULL);
	if (place->mailbox != NULL && place->message_id == NULL)
		place->message_id = g_strdup("");
}

char *compose_about(const struct compose *c)
{
	g_autoptr(GKeyFile) file = g_key_file_new();

	g_key_file_set_integer(file, GROUP, "kind", (int)c->kind);
	write_place(file, "answered", &c->answered);
	write_place(file, "postponed", &c->postponed);
	if (c->came_to != NULL)
		g_key_file_set_string(file, GROUP, "came-to", c->came_to);
	return g_key_file_to_data(file, NULL, NULL);
}

void compose_take_about(struct compose *c, const char *text)
{
	g_autoptr(GKeyFile) file = g_key_file_new();

	if (text == NULL ||
	    !g_key_file_load_from_data(file, text, strlen(text),
				       G_KEY_FILE_NONE, NULL))
		return;
	c->kind = (enum compose_kind)g_key_file_get_integer(file, GROUP,
							    "kind", NULL);
	read_place(file, "answered", &c->answered);
	read_place(file, "postponed", &c->postponed);
	g_free(c->came_to);
	c->came_to = g_key_file_get_string(file, GROUP, "came-to", NULL);
}
