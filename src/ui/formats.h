/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lines that users write formats for. All results are owned. */
#ifndef SMEW_UI_FORMATS_H
#define SMEW_UI_FORMATS_H

#include "app.h"

/* mutt's way: 0K, 0.1K, 12K, 1.2M. */
void format_size(GString *out, uint64_t size);
/* $index_format for 'row', which is the 'number'th (from 1). */
char *format_index(struct app *app, const struct view_row *row, int64_t number,
		   int width);
/* 'format' with what $index_format knows: $attribution, $forward_format. */
char *format_message(struct app *app, const char *format,
		     const struct view_row *row);
/* $status_format, of the mailbox that is open. */
char *format_status(struct app *app, int width);
/* $pager_format; 'percent' -1: all of it is on the screen. */
char *format_pager(struct app *app, const struct view_row *row, int64_t number,
		   int percent, int width);
/* $sidebar_format; 'name' is what of the name is to be shown. */
char *format_sidebar(struct app *app, const struct store_mailbox *mailbox,
		     const char *name, bool open, int width);

#endif
