/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "request.h"

static void request_release(struct post *post)
{
	struct request *request = (struct request *)post;

	g_free(request->mailbox);
	g_free(request->ids);
	g_free(request->opposite);
	for (size_t i = 0; i < request->n_parts; i++) {
		g_free(request->parts[i].ids);
		g_free(request->parts[i].target);
	}
	g_free(request->parts);
	g_free(request->key);
	g_free(request->target);
	g_free(request->what);
	g_free(request->labels);
	outbox_mail_free(request->mail);
	if (request->secret != NULL)
		secret_free(request->secret);
	g_free(request);
}

struct request *request_new(enum request_kind kind, uint32_t id,
			    const char *mailbox, const int64_t *ids, size_t n)
{
	struct request *request = g_new0(struct request, 1);

	request->post.kind = (int)kind;
	request->post.release = request_release;
	request->id = id;
	request->mailbox = g_strdup(mailbox);
	request->ids = g_memdup2(ids, n * sizeof(*ids));
	request->n = n;
	return request;
}

void request_free(struct request *request)
{
	if (request != NULL)
		post_free(&request->post);
}
