/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "report.h"
#include "smew/net.h"
#include "smew/store.h"

/* FNV-1a over account and mailbox: what two posts about the same thing have
 * in common. Never 0, which would mean "do not merge". */
uint64_t report_key(const char *account, const char *mailbox)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	const char *texts[] = { account, mailbox != NULL ? mailbox : "" };

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		const char *p = texts[i];

		do {
			hash ^= (uint8_t)*p;
			hash *= UINT64_C(0x100000001b3);
		} while (*p++ != '\0');
	}
	return hash != 0 ? hash : 1;
}

static void done_release(struct post *post)
{
	struct session_done *done = (struct session_done *)post;

	g_free(done->account);
	g_free(done->text);
	g_free(done->display);
	g_free(done);
}

static struct session_done *done_new(const struct reporter *to,
				     uint32_t request,
				     enum session_result result)
{
	struct session_done *done = g_new0(struct session_done, 1);

	done->post.kind = SESSION_DONE;
	done->post.release = done_release;
	done->request = request;
	done->account = g_strdup(to->account);
	done->result = result;
	return done;
}

void report_marked(const struct reporter *to, uint32_t request, uint32_t count,
		   uint32_t own)
{
	struct session_done *done = done_new(to, request, SESSION_OK);

	done->count = count;
	done->own = own;
	postbox_push(to->ui, &done->post);
}

void report_managed(const struct reporter *to, uint32_t request,
		    enum session_result result, const char *text,
		    uint32_t count, const char *display)
{
	struct session_done *done = done_new(to, request, result);

	done->text = g_strdup(text);
	done->count = count;
	done->display = g_strdup(display);
	postbox_push(to->ui, &done->post);
}

void report_done(const struct reporter *to, uint32_t request,
		 enum session_result result, const char *text)
{
	report_managed(to, request, result, text, 0, NULL);
}

static void state_release(struct post *post)
{
	struct session_state *state = (struct session_state *)post;

	g_free(state->account);
	g_free(state->reason);
	g_free(state);
}

void report_state(const struct reporter *to, enum session_phase phase,
		  const char *reason, int64_t retry_at, bool read_only,
		  enum session_security security)
{
	struct session_state *state = g_new0(struct session_state, 1);

	state->post.kind = SESSION_STATE;
	state->post.merge_key = report_key(to->account, NULL);
	state->post.release = state_release;
	state->account = g_strdup(to->account);
	state->phase = phase;
	state->reason = g_strdup(reason);
	state->retry_at = retry_at;
	state->read_only = read_only;
	state->security = security;
	postbox_push(to->ui, &state->post);
}

static void event_release(struct post *post)
{
	struct session_event *event = (struct session_event *)post;

	g_free(event->account);
	g_free(event->mailbox);
	g_free(event->text);
	g_free(event);
}

static struct session_event *event_new(const struct reporter *to,
				       enum session_post kind,
				       const char *mailbox)
{
	struct session_event *event = g_new0(struct session_event, 1);

	event->post.kind = (int)kind;
	event->post.release = event_release;
	event->account = g_strdup(to->account);
	event->mailbox = g_strdup(mailbox);
	return event;
}

void report_change(const struct reporter *to, enum session_post kind,
		   const char *mailbox)
{
	struct session_event *event = event_new(to, kind, mailbox);

	event->post.merge_key = report_key(to->account, mailbox);
	postbox_push(to->ui, &event->post);
}

static void renamed_release(struct post *post)
{
	struct session_renamed *renamed = (struct session_renamed *)post;

	g_free(renamed->account);
	g_free(renamed->mailbox);
	g_free(renamed->name);
	g_free(renamed->display);
	g_free(renamed);
}

void report_renamed(const struct reporter *to, const char *mailbox,
		    const char *name, const char *display)
{
	struct session_renamed *renamed = g_new0(struct session_renamed, 1);

	renamed->post.kind = SESSION_RENAMED;
	renamed->post.release = renamed_release;
	renamed->account = g_strdup(to->account);
	renamed->mailbox = g_strdup(mailbox);
	renamed->name = g_strdup(name);
	renamed->display = g_strdup(display);
	postbox_push(to->ui, &renamed->post);
}

void report_rights(const struct reporter *to, const char *mailbox,
		   const char *rights)
{
	struct session_event *event = event_new(to, SESSION_RIGHTS, mailbox);

	event->text = g_strdup(rights);
	postbox_push(to->ui, &event->post);
}

static void quota_release(struct post *post)
{
	struct session_quota *quota = (struct session_quota *)post;

	g_free(quota->account);
	g_free(quota->mailbox);
	g_free(quota);
}

void report_quota(const struct reporter *to, const struct session_quota *quota)
{
	struct session_quota *copy = g_memdup2(quota, sizeof(*quota));

	copy->post.kind = SESSION_QUOTA;
	copy->post.release = quota_release;
	copy->post.merge_key = report_key(to->account, NULL);
	copy->account = g_strdup(to->account);
	copy->mailbox = g_strdup(quota->mailbox);
	postbox_push(to->ui, &copy->post);
}

void report_new_mail(const struct reporter *to, const char *mailbox,
		     uint32_t count)
{
	struct session_event *event = event_new(to, SESSION_NEW_MAIL, mailbox);

	event->count = count;
	postbox_push(to->ui, &event->post);
}

void report_notice(const struct reporter *to, const char *mailbox,
		   const char *text)
{
	struct session_event *event = event_new(to, SESSION_NOTICE, mailbox);

	event->text = g_strdup(text);
	postbox_push(to->ui, &event->post);
}

static void password_release(struct post *post)
{
	struct session_password_wanted *wanted =
		(struct session_password_wanted *)post;

	g_free(wanted->account);
	g_free(wanted->user);
	g_free(wanted->host);
	g_free(wanted->words);
	g_free(wanted);
}

void report_password(const struct reporter *to, const char *user,
		     const char *host, const char *words, bool sending)
{
	struct session_password_wanted *wanted =
		g_new0(struct session_password_wanted, 1);

	wanted->post.kind = SESSION_PASSWORD;
	wanted->post.release = password_release;
	wanted->account = g_strdup(to->account);
	wanted->user = g_strdup(user);
	wanted->host = g_strdup(host != NULL ? host : to->account);
	wanted->words = g_strdup(words);
	wanted->sending = sending;
	postbox_push(to->ui, &wanted->post);
}

static void certificate_release(struct post *post)
{
	struct session_certificate_refused *refused =
		(struct session_certificate_refused *)post;

	g_free(refused->account);
	g_free(refused->host);
	g_free(refused->reason);
	g_free(refused->subject);
	g_free(refused->issuer);
	g_free(refused->names);
	g_free(refused->not_before);
	g_free(refused->not_after);
	g_free(refused->fingerprint);
	g_free(refused->key);
	g_free(refused->pinned_key);
	g_free(refused);
}

void report_certificate(const struct reporter *to, const char *host,
			uint16_t port,
			const struct net_certificate *certificate,
			bool sending)
{
	struct session_certificate_refused *refused =
		g_new0(struct session_certificate_refused, 1);

	refused->post.kind = SESSION_CERTIFICATE;
	refused->post.release = certificate_release;
	refused->account = g_strdup(to->account);
	refused->host = g_strdup(host);
	refused->port = port;
	refused->reason = g_strdup(certificate->reason);
	refused->subject = g_strdup(certificate->subject);
	refused->issuer = g_strdup(certificate->issuer);
	refused->names = g_strdup(certificate->names);
	refused->not_before = g_strdup(certificate->not_before);
	refused->not_after = g_strdup(certificate->not_after);
	refused->fingerprint = g_strdup(certificate->fingerprint);
	refused->key = g_strdup(certificate->key);
	refused->pinned_key = g_strdup(certificate->pinned_key);
	refused->sending = sending;
	postbox_push(to->ui, &refused->post);
}

static void actions_release(struct post *post)
{
	struct session_actions *actions = (struct session_actions *)post;

	g_free(actions->account);
	g_free(actions);
}

void report_actions(const struct reporter *to, unsigned waiting,
		    unsigned refused, unsigned foreign)
{
	struct session_actions *actions = g_new0(struct session_actions, 1);

	actions->post.kind = SESSION_ACTIONS;
	actions->post.merge_key = report_key(to->account, NULL);
	actions->post.release = actions_release;
	actions->account = g_strdup(to->account);
	actions->waiting = waiting;
	actions->refused = refused;
	actions->foreign = foreign;
	postbox_push(to->ui, &actions->post);
}

static void action_list_release(struct post *post)
{
	struct session_action_list *list = (struct session_action_list *)post;

	for (size_t i = 0; i < list->n; i++) {
		g_free(list->list[i].what);
		g_free(list->list[i].mailbox);
		g_free(list->list[i].target);
		g_free(list->list[i].reason);
	}
	g_free(list->list);
	g_free(list->account);
	g_free(list);
}

void report_action_list(const struct reporter *to, const GPtrArray *lines)
{
	struct session_action_list *list =
		g_new0(struct session_action_list, 1);

	list->post.kind = SESSION_ACTION_LIST;
	list->post.merge_key = report_key(to->account, NULL);
	list->post.release = action_list_release;
	list->account = g_strdup(to->account);
	list->list = g_new0(struct session_action, lines->len);
	list->n = lines->len;
	for (guint i = 0; i < lines->len; i++) {
		const struct journal_line *from = g_ptr_array_index(lines, i);

		list->list[i] = (struct session_action){
			.entry = from->entry,
			.step = from->step,
			.made = from->made,
			.what = g_strdup(from->what),
			.mailbox = g_strdup(from->mailbox),
			.target = g_strdup(from->target),
			.reason = g_strdup(from->reason),
			.waiting = from->waiting,
			.refused = from->refused,
			.done = from->done,
			.cancelled = from->cancelled,
			.foreign = from->foreign,
			.undone = from->undone,
			.back = from->back,
			.hold = from->hold,
		};
	}
	postbox_push(to->ui, &list->post);
}

static void progress_release(struct post *post)
{
	struct session_progress *progress = (struct session_progress *)post;

	g_free(progress->account);
	g_free(progress->mailbox);
	g_free(progress->what);
	g_free(progress);
}

void report_progress(const struct reporter *to, enum session_work work,
		     const char *mailbox, const char *what, uint64_t done,
		     uint64_t total)
{
	struct session_progress *progress = g_new0(struct session_progress, 1);

	progress->post.kind = SESSION_PROGRESS;
	progress->post.merge_key = report_key(to->account, mailbox) + work;
	progress->post.release = progress_release;
	progress->account = g_strdup(to->account);
	progress->work = work;
	progress->mailbox = g_strdup(mailbox);
	progress->what = g_strdup(what);
	progress->done = done;
	progress->total = total;
	postbox_push(to->ui, &progress->post);
}

/* ---- the outbox ---- */

void report_queued(const struct reporter *to, uint32_t request, int64_t item)
{
	struct session_done *done = done_new(to, request, SESSION_OK);

	done->item = item;
	postbox_push(to->ui, &done->post);
}

static void outbox_release(struct post *post)
{
	struct session_outbox *outbox = (struct session_outbox *)post;

	g_free(outbox->account);
	g_free(outbox);
}

void report_outbox(const struct reporter *to,
		   const struct outbox_counts *counts,
		   const struct sender *sender, int64_t due)
{
	struct session_outbox *outbox = g_new0(struct session_outbox, 1);

	outbox->post.kind = SESSION_OUTBOX;
	outbox->post.merge_key = report_key(to->account, NULL);
	outbox->post.release = outbox_release;
	outbox->account = g_strdup(to->account);
	outbox->waiting = counts->waiting;
	outbox->attention = counts->attention;
	outbox->soon = counts->soon;
	outbox->foreign = counts->foreign;
	outbox->item = sender_busy(sender);
	outbox->delivering = sender_delivers(sender);
	outbox->due = due;
	postbox_push(to->ui, &outbox->post);
}

static void outbox_list_release(struct post *post)
{
	struct session_outbox_list *list = (struct session_outbox_list *)post;

	g_ptr_array_unref(list->items);
	g_free(list->account);
	g_free(list);
}

void report_outbox_list(const struct reporter *to, GPtrArray *items)
{
	struct session_outbox_list *list =
		g_new0(struct session_outbox_list, 1);

	list->post.kind = SESSION_OUTBOX_LIST;
	list->post.merge_key = report_key(to->account, NULL);
	list->post.release = outbox_list_release;
	list->account = g_strdup(to->account);
	list->items = items;
	postbox_push(to->ui, &list->post);
}

static void taken_back_release(struct post *post)
{
	struct session_taken_back *taken = (struct session_taken_back *)post;

	outbox_item_free(taken->item);
	g_free(taken->account);
	g_free(taken);
}

void report_taken_back(const struct reporter *to, uint32_t request,
		       struct outbox_item *item)
{
	struct session_taken_back *taken =
		g_new0(struct session_taken_back, 1);

	taken->post.kind = SESSION_TAKEN_BACK;
	taken->post.release = taken_back_release;
	taken->account = g_strdup(to->account);
	taken->request = request;
	taken->item = item;
	postbox_push(to->ui, &taken->post);
}
