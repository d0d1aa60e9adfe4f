/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * html: HTML to lines for reading. Nothing is fetched, no style sheet is
 * read. What is hidden by display:none, visibility:hidden or the attribute
 * "hidden" (preheaders, traps for quoting) is left out, always. Each link
 * gets a number, and its real target stands in the list at the end, unless
 * its text is the target.
 */
#ifndef SMEW_MAIL_HTML_H
#define SMEW_MAIL_HTML_H

#include "lines.h"

/* The charset that the document names in its first octets, or NULL; owned. */
char *html_charset(const char *data, size_t length);

/*
 * 'text' is UTF-8 of any origin. False when the document nests so deeply, or
 * is so broken, that the rest was left out.
 */
bool html_show(struct lines *lines, const char *text, size_t length);

#endif
