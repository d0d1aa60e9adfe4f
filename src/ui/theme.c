/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "theme.h"

/* Colours below are of the terminal's own eight: every palette fits them. */
enum { RED = 1, GREEN, YELLOW, BLUE, MAGENTA, CYAN };

/*
 * What there is before any rule. 'mono' are the attributes on a terminal
 * without colour, where they must carry the meaning alone.
 */
static const struct {
	const char *object; /* of the `color` command */
	enum style style;
	int fg;
	unsigned attributes, mono;
} defaults[] = {
	{"normal", STYLE_NORMAL, -1, 0, 0},
	{"indicator", STYLE_INDICATOR, -1, ATTR_REVERSE, ATTR_REVERSE},
	{"status", STYLE_STATUS, -1, ATTR_REVERSE, ATTR_REVERSE},
	{"tree", STYLE_TREE, CYAN, 0, 0},
	{"message", STYLE_MESSAGE, -1, 0, 0},
	{"error", STYLE_ERROR, RED, ATTR_BOLD, ATTR_BOLD},
	{"warning", STYLE_WARNING, RED, ATTR_BOLD | ATTR_REVERSE,
	 ATTR_BOLD | ATTR_REVERSE},
	{"prompt", STYLE_PROMPT, -1, ATTR_BOLD, ATTR_BOLD},
	{"progress", STYLE_PROGRESS, CYAN, 0, 0},
	{"hdrdefault", STYLE_HEADER, -1, 0, 0},
	{"quoted", STYLE_QUOTED, CYAN, 0, 0},
	{"quoted1", STYLE_QUOTED + 1, YELLOW, 0, 0},
	{"quoted2", STYLE_QUOTED + 2, GREEN, 0, 0},
	{"quoted3", STYLE_QUOTED + 3, MAGENTA, 0, 0},
	{"quoted4", STYLE_QUOTED + 4, CYAN, 0, 0},
	{"quoted5", STYLE_QUOTED + 5, YELLOW, 0, 0},
	{"quoted6", STYLE_QUOTED + 6, GREEN, 0, 0},
	{"quoted7", STYLE_QUOTED + 7, MAGENTA, 0, 0},
	{"quoted8", STYLE_QUOTED + 8, CYAN, 0, 0},
	{"quoted9", STYLE_QUOTED + 9, YELLOW, 0, 0},
	{"signature", STYLE_SIGNATURE, BLUE, 0, 0},
	{"attachment", STYLE_ATTACHMENT, MAGENTA, ATTR_BOLD, ATTR_BOLD},
	{"search", STYLE_SEARCH, YELLOW, ATTR_REVERSE, ATTR_REVERSE},
	{"tilde", STYLE_TILDE, BLUE, 0, 0},
	{"markers", STYLE_MARKERS, RED, 0, 0},
	{"underline", STYLE_TITLE, -1, ATTR_BOLD | ATTR_UNDERLINE,
	 ATTR_BOLD | ATTR_UNDERLINE},
	{"sidebar_new", STYLE_SIDEBAR_NEW, -1, ATTR_BOLD, ATTR_BOLD},
	{"sidebar_flagged", STYLE_SIDEBAR_FLAGGED, -1, 0, 0},
	{"sidebar_ordinary", STYLE_SIDEBAR, -1, 0, 0},
	{"sidebar_indicator", STYLE_SIDEBAR_OPEN, -1, ATTR_REVERSE,
	 ATTR_REVERSE},
	{"sidebar_highlight", STYLE_SIDEBAR_HIGHLIGHT, -1, ATTR_UNDERLINE,
	 ATTR_UNDERLINE},
	{"sidebar_divider", STYLE_SIDEBAR_DIVIDER, BLUE, 0, 0},
	{"wire_server", STYLE_WIRE_SERVER, CYAN, 0, 0},
	{"wire_client", STYLE_WIRE_CLIENT, GREEN, 0, ATTR_BOLD},
	{"wire_note", STYLE_WIRE_NOTE, MAGENTA, 0, 0},
	/* Styles without an object of their own, or with a pattern. */
	{NULL, STYLE_HELP, -1, ATTR_REVERSE, ATTR_REVERSE},
	{NULL, STYLE_HEADER_NAME, -1, ATTR_BOLD, ATTR_BOLD},
	{NULL, STYLE_NOTE, RED, 0, ATTR_BOLD},
	{NULL, STYLE_INDEX_NEW, -1, ATTR_BOLD, ATTR_BOLD},
	{NULL, STYLE_INDEX_DELETED, RED, 0, 0},
	{NULL, STYLE_INDEX_FLAGGED, YELLOW, 0, 0},
};

struct header_rule {
	GRegex *regex; /* owned */
	struct look look;
};

struct row_rule {
	struct query *query; /* owned */
	struct look look;
};

struct theme {
	struct look looks[STYLE_COUNT];
	GArray *headers; /* of struct header_rule */
	GArray *rows;	 /* of struct row_rule */
	struct theme_depth depth;
};

/* ---- colours ---- */

/* The six levels of the 6x6x6 cube of 256-colour terminals. */
static const int cube[] = {0, 95, 135, 175, 215, 255};
/* What xterm shows for the first sixteen: near enough to compare with. */
static const int basic[16] = {
	0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd,
	0x00cdcd, 0xe5e5e5, 0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00,
	0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff,
};

static int rgb_of(int color)
{
	int c = color - 16;

	if (color < 16)
		return basic[color];
	if (color >= 232)
		return 0x10101 * (8 + 10 * (color - 232));
	return cube[c / 36] << 16 | cube[c / 6 % 6] << 8 | cube[c % 6];
}

static int distance(int a, int b)
{
	int red = (a >> 16 & 255) - (b >> 16 & 255);
	int green = (a >> 8 & 255) - (b >> 8 & 255);
	int blue = (a & 255) - (b & 255);

	return red * red * 3 + green * green * 4 + blue * blue * 2;
}

/* The nearest of the colours from..to-1. */
static int nearest(int rgb, int from, int to)
{
	int best = from;

	for (int i = from; i < to; i++)
		if (distance(rgb, rgb_of(i)) < distance(rgb, rgb_of(best)))
			best = i;
	return best;
}

int theme_color(int color, const struct theme_depth *depth, bool *brighten)
{
	int n = depth->colors;

	*brighten = false;
	if (color == COLOR_DEFAULT)
		return -1;
	if (color & COLOR_RGB) {
		int rgb = color & 0xffffff;

		if (depth->direct)
			return rgb;
		/* The first sixteen are the user's own palette: unknown. */
		color = n >= 256 ? nearest(rgb, 16, 256)
				 : nearest(rgb, 0, n >= 16 ? 16 : 8);
	}
	if (depth->direct)
		return color < 8 ? color : rgb_of(color);
	if (color >= n)
		color = nearest(rgb_of(color), 0, 16);
	if (color >= n && color < 16) {
		*brighten = true;
		color -= 8;
	}
	return color;
}

static struct look make_look(const struct theme_depth *depth, int fg, int bg,
			     unsigned attributes)
{
	struct look look = {-1, -1, attributes};
	bool bright;

	if (depth->colors < 8)
		return look;
	look.fg = theme_color(fg, depth, &bright);
	if (bright)
		look.attributes |= ATTR_BOLD;
	look.bg = theme_color(bg, depth, &bright);
	if (!depth->defaults) {
		look.fg = look.fg < 0 ? 7 : look.fg;
		look.bg = look.bg < 0 ? 0 : look.bg;
	}
	return look;
}

/* ---- rules ---- */

static void header_rule_clear(gpointer data)
{
	struct header_rule *rule = data;

	g_regex_unref(rule->regex);
}

static void add_header_rule(struct theme *theme, const struct color_rule *rule,
			    const struct look *look)
{
	struct header_rule header = {.look = *look};

	/* The command checked the expression; another dialect's is left out. */
	header.regex = g_regex_new(rule->pattern, G_REGEX_CASELESS, 0, NULL);
	if (header.regex != NULL)
		g_array_append_val(theme->headers, header);
}

static void row_rule_clear(gpointer data)
{
	struct row_rule *rule = data;

	query_free(rule->query);
}

/* A pattern that smew cannot use (yet) colours nothing. */
static void add_row_rule(struct theme *theme, const struct config *config,
			 const struct color_rule *rule, const struct look *look)
{
	const struct query_context context = {
		.now = g_get_real_time() / G_USEC_PER_SEC,
		.simple = config_string(config, NULL, "simple_search"),
		.group = config_group,
		.user = config,
	};
	struct row_rule row = { .look = *look };

	row.query = query_new(rule->pattern, &context, NULL);
	if (row.query != NULL)
		g_array_append_val(theme->rows, row);
}

static void apply_rule(struct theme *theme, const struct config *config,
		       const struct color_rule *rule)
{
	struct look look = make_look(&theme->depth, rule->fg, rule->bg,
				     rule->attributes);

	if (strcmp(rule->object, "header") == 0 && rule->pattern != NULL) {
		add_header_rule(theme, rule, &look);
		return;
	}
	if (strcmp(rule->object, "index") == 0 && rule->pattern != NULL) {
		add_row_rule(theme, config, rule, &look);
		return;
	}
	if (rule->pattern != NULL)
		return;
	for (size_t i = 0; i < G_N_ELEMENTS(defaults); i++)
		if (defaults[i].object != NULL &&
		    strcmp(rule->object, defaults[i].object) == 0)
			theme->looks[defaults[i].style] = look;
	if (strcmp(rule->object, "hdrdefault") == 0)
		theme->looks[STYLE_HEADER_NAME] = look;
	if (strcmp(rule->object, "status") == 0)
		theme->looks[STYLE_HELP] = look;
}

struct theme *theme_new(const struct config *config,
			const struct theme_depth *depth)
{
	struct theme *theme = g_new0(struct theme, 1);
	bool mono = depth->colors < 8;
	g_autoptr(GPtrArray) rules = config_colors(config, mono);

	theme->depth = *depth;
	theme->headers = g_array_new(FALSE, FALSE, sizeof(struct header_rule));
	g_array_set_clear_func(theme->headers, header_rule_clear);
	theme->rows = g_array_new(FALSE, FALSE, sizeof(struct row_rule));
	g_array_set_clear_func(theme->rows, row_rule_clear);
	for (size_t i = 0; i < G_N_ELEMENTS(defaults); i++)
		theme->looks[defaults[i].style] = make_look(
			depth, defaults[i].fg, COLOR_DEFAULT,
			mono ? defaults[i].mono : defaults[i].attributes);
	for (guint i = 0; i < rules->len; i++)
		apply_rule(theme, config, g_ptr_array_index(rules, i));
	return theme;
}

void theme_free(struct theme *theme)
{
	if (theme == NULL)
		return;
	g_array_unref(theme->headers);
	g_array_unref(theme->rows);
	g_free(theme);
}

struct look theme_look(const struct theme *theme, enum style style)
{
	return theme->looks[style];
}

struct look theme_header(const struct theme *theme, const char *field)
{
	/* As in mutt, the rule that was made last wins. */
	for (guint i = theme->headers->len; i > 0; i--) {
		const struct header_rule *rule = &g_array_index(
			theme->headers, struct header_rule, i - 1);

		if (g_regex_match(rule->regex, field, 0, NULL))
			return rule->look;
	}
	return theme->looks[STYLE_HEADER];
}

bool theme_row(const struct theme *theme, const struct query_message *message,
	       struct look *look)
{
	for (guint i = theme->rows->len; i > 0; i--) {
		const struct row_rule *rule = &g_array_index(
			theme->rows, struct row_rule, i - 1);

		if (query_matches(rule->query, message)) {
			*look = rule->look;
			return true;
		}
	}
	return false;
}
