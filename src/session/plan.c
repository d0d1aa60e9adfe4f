/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "plan.h"

/* Servers cut lines at 8,000 octets or more; 300 ranges stay below that. */
enum { PLAN_RANGES = 300 };

struct entry {
	uint32_t uid;
	bool adjoins; /* no message lies between the entry before and this */
};

struct plan {
	GArray *entries; /* of struct entry, ascending */
};

static struct entry *entry_at(const GArray *entries, guint i)
{
	return &g_array_index(entries, struct entry, i);
}

static uint32_t uid_at(const GArray *uids, guint i)
{
	return g_array_index(uids, uint32_t, i);
}

/* ---- portions ---- */

static void set_add(GString *set, uint32_t low, uint32_t high)
{
	if (set->len > 0)
		g_string_append_c(set, ',');
	g_string_append_printf(set, "%" G_GUINT32_FORMAT, low);
	if (high != low)
		g_string_append_printf(set, ":%" G_GUINT32_FORMAT, high);
}

static char *entries_set(const GArray *entries)
{
	GString *set = g_string_new(NULL);
	uint32_t low = entry_at(entries, 0)->uid, high = low;

	for (guint i = 1; i < entries->len; i++) {
		const struct entry *e = entry_at(entries, i);

		if (!e->adjoins) {
			set_add(set, low, high);
			low = e->uid;
		}
		high = e->uid;
	}
	set_add(set, low, high);
	return g_string_free(set, FALSE);
}

static struct portion *portion_new(const GArray *entries, guint from,
				   guint count)
{
	struct portion *portion = g_new0(struct portion, 1);
	GArray *own = g_array_sized_new(FALSE, FALSE, sizeof(struct entry),
					count);

	g_array_append_vals(own, entry_at(entries, from), count);
	portion->entries = own;
	portion->set = entries_set(own);
	portion->low = entry_at(own, 0)->uid;
	portion->high = entry_at(own, count - 1)->uid;
	portion->count = count;
	return portion;
}

void portion_free(struct portion *portion)
{
	if (portion == NULL)
		return;
	g_array_free(portion->entries, TRUE);
	g_free(portion->set);
	g_free(portion);
}

bool portion_split(const struct portion *portion, struct portion **newer,
		   struct portion **older)
{
	const GArray *entries = portion->entries;
	guint half = entries->len / 2;

	if (half == 0)
		return false;
	*older = portion_new(entries, 0, half);
	*newer = portion_new(entries, half, entries->len - half);
	return true;
}

/* ---- the plan ---- */

struct plan *plan_new(const GArray *server, const GArray *cache)
{
	struct plan *plan;
	GArray *entries = g_array_new(FALSE, FALSE, sizeof(struct entry));
	bool adjoins = false;
	guint c = 0;

	for (guint s = 0; s < server->len; s++) {
		struct entry entry = { uid_at(server, s), adjoins };
		bool known;

		/* One that is in the cache alone is between them, too. */
		for (; c < cache->len && uid_at(cache, c) < entry.uid; c++)
			entry.adjoins = false;
		known = c < cache->len && uid_at(cache, c) == entry.uid;
		adjoins = !known;
		if (!known)
			g_array_append_val(entries, entry);
	}
	if (entries->len == 0) {
		g_array_free(entries, TRUE);
		return NULL;
	}
	plan = g_new0(struct plan, 1);
	plan->entries = entries;
	return plan;
}

void plan_free(struct plan *plan)
{
	if (plan == NULL)
		return;
	g_array_free(plan->entries, TRUE);
	g_free(plan);
}

size_t plan_left(const struct plan *plan)
{
	return plan->entries->len;
}

struct portion *plan_take(struct plan *plan, size_t count)
{
	GArray *entries = plan->entries;
	struct portion *portion;
	guint from = entries->len;
	unsigned ranges = 1;

	while (from > 0 && entries->len - from < count) {
		if (from < entries->len && !entry_at(entries, from)->adjoins &&
		    ++ranges > PLAN_RANGES)
			break;
		from--;
	}
	if (from == entries->len)
		return NULL;
	portion = portion_new(entries, from, entries->len - from);
	g_array_set_size(entries, from);
	return portion;
}

struct portion *plan_take_oldest(struct plan *plan, size_t count)
{
	GArray *entries = plan->entries;
	struct portion *portion;
	unsigned ranges = 1;
	guint to = 0;

	for (; to < entries->len && to < count; to++)
		if (to > 0 && !entry_at(entries, to)->adjoins &&
		    ++ranges > PLAN_RANGES)
			break;
	if (to == 0)
		return NULL;
	portion = portion_new(entries, 0, to);
	g_array_remove_range(entries, 0, to);
	return portion;
}

GArray *plan_gone(const GArray *server, const GArray *cache)
{
	GArray *gone = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	guint s = 0;

	for (guint c = 0; c < cache->len; c++) {
		uint32_t uid = uid_at(cache, c);

		while (s < server->len && uid_at(server, s) < uid)
			s++;
		if (s == server->len || uid_at(server, s) != uid)
			g_array_append_val(gone, uid);
	}
	return gone;
}
