/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "parcel.h"

static void parcel_release(struct post *post)
{
	struct session_parcel *parcel = (struct session_parcel *)post;

	g_clear_pointer(&parcel->octets, g_bytes_unref);
	g_clear_pointer(&parcel->uids, g_array_unref);
	g_free(parcel->from);
	g_free(parcel->to);
	g_free(parcel->identity);
	g_free(parcel->mailbox);
	g_free(parcel->message_id);
	g_free(parcel->keywords);
	g_free(parcel->target);
	g_free(parcel->whose);
	g_free(parcel->what);
	g_free(parcel->text);
	g_free(parcel);
}

struct session_parcel *parcel_new(enum parcel_kind kind, const char *from,
				  const char *to)
{
	struct session_parcel *parcel = g_new0(struct session_parcel, 1);

	parcel->post.kind = SESSION_PARCEL;
	parcel->post.release = parcel_release;
	parcel->kind = kind;
	parcel->from = g_strdup(from);
	parcel->to = g_strdup(to);
	return parcel;
}

void parcel_free(struct session_parcel *parcel)
{
	if (parcel != NULL)
		post_free(&parcel->post);
}

void parcel_answer(struct session_parcel *parcel, enum parcel_result result,
		   const char *text)
{
	char *from = parcel->from;

	parcel->post.kind = SESSION_PARCEL;
	parcel->from = parcel->to;
	parcel->to = from;
	parcel->answer = true;
	parcel->result = result;
	parcel->text = g_strdup(text);
	g_clear_pointer(&parcel->octets, g_bytes_unref);
}

const char *session_parcel_to(const struct session_parcel *parcel)
{
	return parcel->to;
}
