/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The terminal: its modes, its size, what it sends and what it takes. curses
 * draws into memory; the octets go out without blocking, and while some of
 * them wait no new frame is made (DESIGN 7, 13).
 */
#ifndef SMEW_UI_TERMINAL_H
#define SMEW_UI_TERMINAL_H

#include <glib.h>
#include <stdbool.h>

#include "theme.h"

struct keydecode;
struct terminal;

/*
 * Takes the terminal over. Fails with the reason when there is none, or one
 * that cannot place the cursor.
 */
struct terminal *terminal_start(GError **error);
/* Gives it back as it was. */
void terminal_stop(struct terminal *term);

/* Around a child that has the terminal, or a suspension. */
void terminal_leave(struct terminal *term);
void terminal_enter(struct terminal *term);

void terminal_size(const struct terminal *term, int *rows, int *cols);
/* Asks the system for the size; true when it is another one. */
bool terminal_check_size(struct terminal *term);
struct theme_depth terminal_depth(const struct terminal *term);

/* The descriptor keys come from. */
int terminal_input_fd(const struct terminal *term);
/* Reads what is there into 'decode'; false when the terminal is gone. */
bool terminal_read(struct terminal *term, struct keydecode *decode);
/* Tells 'decode' what this terminal's keys send. */
void terminal_teach(const struct terminal *term, struct keydecode *decode);

/* Puts the frame that was drawn on its way. Not while terminal_busy(). */
void terminal_show(struct terminal *term);
/* Whether the terminal has not taken the last frame yet. */
bool terminal_busy(const struct terminal *term);
/* The descriptor to poll for POLLOUT while busy. */
int terminal_output_fd(const struct terminal *term);
/* Writes more of what waits; false when the terminal is gone. */
bool terminal_flush(struct terminal *term);
/* The next frame is drawn anew, whatever is on the screen. */
void terminal_redraw(struct terminal *term);
void terminal_beep(struct terminal *term);

#endif
