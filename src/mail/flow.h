/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * flow: running text to lines: white space collapsed, blocks, quotes, lists.
 * It knows nothing of HTML; html.c tells it what its elements mean.
 */
#ifndef SMEW_MAIL_FLOW_H
#define SMEW_MAIL_FLOW_H

#include "lines.h"

struct flow;

struct flow *flow_new(struct lines *lines);
void flow_free(struct flow *flow);

/* Adds text; white space collapses unless inside of flow_pre(). */
void flow_text(struct flow *flow, const char *text, size_t length);

/* Ends the line if it has something in it. */
void flow_break(struct flow *flow);
/* The same, and an empty line before what comes next. */
void flow_gap(struct flow *flow);
/* A line break that was asked for: two of them make an empty line. */
void flow_newline(struct flow *flow);
/* The next text on this line stands two cells off: it is another cell. */
void flow_cell(struct flow *flow);

/* Ended by the same call with -1. The current line must have been ended. */
void flow_quote(struct flow *flow, int change);
void flow_pre(struct flow *flow, int change);
void flow_indent(struct flow *flow, int change);

/* Put before the next line, inside of the indentation; copied. */
void flow_marker(struct flow *flow, const char *marker);

/* Cells of the last line that was ended, 0 when there is none. */
int flow_last_width(const struct flow *flow);

/* A line of 'length' marks. */
void flow_rule(struct flow *flow, char mark, int length);

#endif
