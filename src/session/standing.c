/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "box.h"
#include "links.h"
#include "manage.h"
#include "smew/imap.h"
#include "standing.h"

enum { NEARLY_FULL = 90 }; /* percent */

struct standing {
	unsigned asked;	  /* serial of the box it was asked for */
	char *mailbox;	  /* that 'roots' is of; owned, or NULL */
	GPtrArray *roots; /* of char * */
	unsigned percent; /* of the fullest of their resources so far */
	bool warned;
};

struct standing *standing_new(void)
{
	struct standing *standing = g_new0(struct standing, 1);

	standing->roots = g_ptr_array_new_with_free_func(g_free);
	return standing;
}

void standing_free(struct standing *standing)
{
	if (standing == NULL)
		return;
	g_ptr_array_unref(standing->roots);
	g_free(standing->mailbox);
	g_free(standing);
}

void standing_changed(struct account *account)
{
	account->standing->asked = 0;
}

/* ---- asking ---- */

bool standing_step(struct link *link)
{
	struct account *account = link_account(link);
	struct standing *standing = account->standing;
	const struct box *box = account->box;

	if (box == NULL || box->state != BOX_READY || !box->shown ||
	    standing->asked == box->serial ||
	    links_for_chores(account) != link)
		return false;
	standing->asked = box->serial;
	return link_ask_standing(link, box->name);
}

/* ---- what is said ---- */

static bool is_open(const struct account *account, const char *mailbox)
{
	return account->box != NULL &&
	       strcmp(account->box->name, mailbox) == 0;
}

void standing_rights(struct account *account, const struct imap_rights *rights)
{
	if (is_open(account, rights->mailbox))
		report_rights(&account->report, rights->mailbox,
			      rights->rights);
}

void standing_roots(struct account *account, const struct imap_quotaroot *roots)
{
	struct standing *standing = account->standing;

	if (!is_open(account, roots->mailbox))
		return;
	g_free(standing->mailbox);
	standing->mailbox = g_strdup(roots->mailbox);
	g_ptr_array_set_size(standing->roots, 0);
	standing->percent = 0;
	for (size_t i = 0; i < roots->n; i++)
		g_ptr_array_add(standing->roots, g_strdup(roots->roots[i]));
	/* Of the mailbox that was open before it may have been another one. */
	report_quota(&account->report,
		     &(struct session_quota){ .mailbox = standing->mailbox });
}

unsigned standing_percent(uint64_t usage, uint64_t limit)
{
	if (usage >= limit)
		return usage > 0 || limit == 0 ? 100 : 0;
	return (unsigned)((double)usage * 100 / (double)limit);
}

static char *amount(const struct session_quota *quota, uint64_t n)
{
	return quota->messages ?
		       g_strdup_printf("%" G_GUINT64_FORMAT, n) :
		       g_format_size_full(n, G_FORMAT_SIZE_IEC_UNITS);
}

/* Said once, and once more only when there was room in between. */
static void warn(struct account *account, const struct session_quota *quota)
{
	struct standing *standing = account->standing;
	g_autofree char *used = amount(quota, quota->used);
	g_autofree char *limit = amount(quota, quota->limit);
	g_autofree char *line = NULL;

	if (quota->percent < NEARLY_FULL) {
		standing->warned = false;
		return;
	}
	if (standing->warned)
		return;
	standing->warned = true;
	line = g_strdup_printf(_("The quota is used up to %u%%: %s of %s."),
			       quota->percent, used, limit);
	report_notice(&account->report, quota->mailbox, line);
}

static void take(struct account *account, const struct imap_resource *resource)
{
	struct standing *standing = account->standing;
	struct session_quota quota = {
		.mailbox = standing->mailbox,
		.used = resource->usage,
		.limit = resource->limit,
		.percent = standing_percent(resource->usage, resource->limit),
		.messages = g_ascii_strcasecmp(resource->name, "MESSAGE") == 0,
	};

	if (!quota.messages &&
	    g_ascii_strcasecmp(resource->name, "STORAGE") != 0)
		return;
	if (quota.percent < standing->percent)
		return;
	standing->percent = quota.percent;
	/* RFC 9208: in units of 1,024 octets. */
	if (!quota.messages) {
		quota.used = MIN(quota.used, UINT64_MAX / 1024) * 1024;
		quota.limit = MIN(quota.limit, UINT64_MAX / 1024) * 1024;
	}
	report_quota(&account->report, &quota);
	warn(account, &quota);
}

void standing_quota(struct account *account, const struct imap_quota *quota)
{
	struct standing *standing = account->standing;

	if (standing->mailbox == NULL ||
	    !is_open(account, standing->mailbox) ||
	    !g_ptr_array_find_with_equal_func(standing->roots, quota->root,
					      g_str_equal, NULL))
		return;
	for (size_t i = 0; i < quota->n; i++)
		take(account, &quota->resources[i]);
}
