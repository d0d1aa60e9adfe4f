/* SPDX-License-Identifier: GPL-3.0-or-later */
/* parse: a pattern to its tree, from left to right as mutt reads it. */
#include "config.h"

#include <string.h>

#include "private.h"
#include "smew/base.h"

G_DEFINE_QUARK(query-error-quark, query_error)

enum argument { NOTHING, TEXT, DATE, SIZE };

/* Every letter of mutt's; those without 'known' wait for other features. */
static const struct letter {
	char letter;
	bool known;
	enum query_op op;
	enum argument argument;
	enum query_field field;
	bool mine;
} letters[] = {
	{ 'A', true, QUERY_ALL, NOTHING, 0, false },
	{ 'c', true, QUERY_TEXT, TEXT, QUERY_CC, false },
	{ 'C', true, QUERY_TEXT, TEXT, QUERY_RECIPIENT, false },
	{ 'd', true, QUERY_SENT, DATE, 0, false },
	{ 'D', true, QUERY_DELETED, NOTHING, 0, false },
	{ 'f', true, QUERY_TEXT, TEXT, QUERY_FROM, false },
	{ 'F', true, QUERY_FLAGGED, NOTHING, 0, false },
	{ 'h', true, QUERY_TEXT, TEXT, QUERY_HEADER, false },
	{ 'i', true, QUERY_TEXT, TEXT, QUERY_ID, false },
	{ 'L', true, QUERY_TEXT, TEXT, QUERY_ADDRESS, false },
	{ 'N', true, QUERY_NEW, NOTHING, 0, false },
	{ 'O', true, QUERY_OLD, NOTHING, 0, false },
	{ 'p', true, QUERY_TEXT, NOTHING, QUERY_RECIPIENT, true },
	{ 'P', true, QUERY_TEXT, NOTHING, QUERY_FROM, true },
	{ 'Q', true, QUERY_REPLIED, NOTHING, 0, false },
	{ 'r', true, QUERY_RECEIVED, DATE, 0, false },
	{ 'R', true, QUERY_READ, NOTHING, 0, false },
	{ 's', true, QUERY_TEXT, TEXT, QUERY_SUBJECT, false },
	{ 't', true, QUERY_TEXT, TEXT, QUERY_TO, false },
	{ 'T', true, QUERY_TAGGED, NOTHING, 0, false },
	{ 'U', true, QUERY_UNREAD, NOTHING, 0, false },
	{ 'v', true, QUERY_COLLAPSED, NOTHING, 0, false },
	{ 'x', true, QUERY_TEXT, TEXT, QUERY_REFERENCES, false },
	{ 'y', true, QUERY_TEXT, TEXT, QUERY_LABEL, false },
	{ 'z', true, QUERY_SIZE, SIZE, 0, false },
	{ '$', true, QUERY_UNREFERENCED, NOTHING, 0, false },
};

static const char later[] = "bBeEgGHklmMnSuVX=#";

struct parser {
	const char *text; /* from here columns are counted */
	const char *at;
	struct query *query;
	const struct query_context *context;
	GError **error;
	int depth;	  /* of open parentheses */
};

/* What stands before the next operand. */
struct prefix {
	bool not, every, any; /* 'any': there is something */
};

/* ---- errors ---- */

static bool fail(const struct parser *p, const char *at, const char *expected)
{
	long column = g_utf8_strlen(p->text, at - p->text) + 1;
	g_autofree char *found = g_utf8_substring(
		at, 0, MIN(g_utf8_strlen(at, -1), 20));

	if (*at == '\0')
		g_set_error(p->error, QUERY_ERROR, QUERY_ERROR_SYNTAX,
			    _("column %ld: the pattern ends where %s is "
			      "expected"),
			    column, expected);
	else
		g_set_error(p->error, QUERY_ERROR, QUERY_ERROR_SYNTAX,
			    _("column %ld: expected %s, not '%s'"), column,
			    expected, found);
	return false;
}

static bool fail_later(const struct parser *p, const char *at, const char *what)
{
	long column = g_utf8_strlen(p->text, at - p->text) + 1;

	g_set_error(p->error, QUERY_ERROR, QUERY_ERROR_UNSUPPORTED,
		    _("column %ld: %s is not available yet"), column, what);
	return false;
}

static const char *a_pattern(void)
{
	return _("a pattern such as ~f EXPR or ~N");
}

/* ---- nodes ---- */

static void node_free(gpointer data)
{
	struct query_node *node = data;

	if (node == NULL)
		return;
	g_clear_pointer(&node->children, g_ptr_array_unref);
	g_clear_pointer(&node->expressions, g_ptr_array_unref);
	g_strfreev(node->members);
	regex_free(node->regex);
	g_free(node);
}

static struct query_node *node_new(const struct parser *p, enum query_op op)
{
	struct query_node *node = g_new0(struct query_node, 1);

	node->op = op;
	node->query = p->query;
	return node;
}

static GPtrArray *list_new(void)
{
	return g_ptr_array_new_with_free_func(node_free);
}

/* One node of what stands in 'list', which is taken. */
static struct query_node *join(const struct parser *p, GPtrArray *list, bool or)
{
	struct query_node *node;

	if (list->len == 1) {
		node = g_ptr_array_steal_index(list, 0);
		g_ptr_array_unref(list);
		return node;
	}
	node = node_new(p, or ? QUERY_OR : QUERY_AND);
	node->children = list;
	return node;
}

/* ---- arguments ---- */

static void skip_blanks(struct parser *p)
{
	while (g_ascii_isspace(*p->at))
		p->at++;
}

static void append_escape(struct parser *p, GString *word)
{
	static const char names[] = "rntfe";
	static const char values[] = "\r\n\t\f\033";
	const char *name = strchr(names, *++p->at);

	if (*p->at == '\0')
		return;
	g_string_append_c(word, name != NULL ? values[name - names] : *p->at);
	p->at++;
}

/* Whether an unquoted word ends here; '*open' counts parentheses in it. */
static bool ends_word(const struct parser *p, int *open)
{
	char c = *p->at;

	if (g_ascii_isspace(c) || strchr("~%=!|", c) != NULL)
		return true;
	if (p->depth == 0)
		return false;
	if (c == ')' && *open == 0)
		return true;
	*open += (c == '(') - (c == ')');
	return false;
}

/*
 * The next word with mutt's quoting: one level of backslashes goes. A group
 * ends at its own parenthesis.
 */
static char *read_word(struct parser *p)
{
	GString *word = g_string_new(NULL);
	char quote = '\0';
	int open = 0;

	while (*p->at != '\0') {
		if (quote == '\0' && ends_word(p, &open))
			break;
		if (*p->at == quote) {
			quote = '\0';
			p->at++;
		} else if (quote == '\0' && (*p->at == '"' || *p->at == '\'')) {
			quote = *p->at++;
		} else if (*p->at == '\\' && quote != '\'') {
			append_escape(p, word);
		} else {
			g_string_append_c(word, *p->at++);
		}
	}
	return g_string_free(word, FALSE);
}

static bool read_text(struct parser *p, struct query_node *node, bool literal)
{
	const char *start = p->at;
	g_autofree char *word = read_word(p);

	if (*word == '\0')
		return fail(p, start, literal ? _("a text to be found")
					      : _("a regular expression"));
	node->regex = regex_new(word, literal, p->error);
	return node->regex != NULL;
}

/* "=3d" begins with what ends other words. */
static bool read_date(struct parser *p, struct query_node *node)
{
	const char *start = p->at, *wrong = NULL, *expected;
	bool equal = *p->at == '=';
	g_autofree char *word = NULL, *rest = NULL;

	if (equal)
		p->at++;
	rest = read_word(p);
	word = equal ? g_strconcat("=", rest, NULL) : g_strdup(rest);
	expected = dates_read(word, p->context->now, &node->min, &node->max,
			     &wrong);
	if (expected == NULL)
		return true;
	/* Quotes and backslashes apart, a column in the word is one here. */
	return fail(p, start + MIN(wrong - word, p->at - start), expected);
}

static bool read_size(struct parser *p, struct query_node *node)
{
	const char *expected = sizes_read(&p->at, &node->min, &node->max);

	return expected == NULL || fail(p, p->at, expected);
}

static bool read_argument(struct parser *p, const struct letter *letter,
			  struct query_node *node, bool literal)
{
	skip_blanks(p);
	switch (letter->argument) {
	case TEXT:
		return read_text(p, node, literal);
	case DATE:
		return read_date(p, node);
	case SIZE:
		return read_size(p, node);
	case NOTHING:
	default:
		return true;
	}
}

/* ---- operands ---- */

static struct query_node *read_list(struct parser *p);

/* At '('. */
static struct query_node *read_group(struct parser *p)
{
	struct query_node *node;

	if (p->depth == QUERY_DEPTH_MAX) {
		fail(p, p->at, _("fewer parentheses inside one another"));
		return NULL;
	}
	p->depth++;
	p->at++;
	node = read_list(p);
	p->depth--;
	if (node == NULL)
		return NULL;
	if (*p->at == ')') {
		p->at++;
		return node;
	}
	fail(p, p->at, "')'");
	node_free(node);
	return NULL;
}

/* After '~' at '(', "<(" or ">(". */
static struct query_node *read_thread_op(struct parser *p)
{
	enum query_op op = *p->at == '<'   ? QUERY_PARENT
			   : *p->at == '>' ? QUERY_CHILD
					   : QUERY_THREAD;
	struct query_node *inner, *node;

	if (op != QUERY_THREAD)
		p->at++;
	inner = read_group(p);
	if (inner == NULL)
		return NULL;
	node = node_new(p, op);
	node->children = list_new();
	g_ptr_array_add(node->children, inner);
	return node;
}

static const struct letter *find_letter(char c)
{
	for (size_t i = 0; i < G_N_ELEMENTS(letters); i++)
		if (letters[i].letter == c)
			return &letters[i];
	return NULL;
}

/* ---- groups of addresses ---- */

static bool is_people(const struct letter *letter)
{
	return letter->field <= QUERY_ADDRESS;
}

static void free_expression(gpointer regex)
{
	regex_free(regex);
}

/* One of its members: an expression that cannot be read matches nothing, what
 * made the group has said so. */
static void add_member(struct query_node *node, GPtrArray *addresses,
		       const char *member)
{
	struct query_regex *regex;

	if (*member == GROUP_ADDRESS) {
		g_ptr_array_add(addresses, g_strdup(member + 1));
		return;
	}
	regex = regex_new(member + 1, false, NULL);
	if (regex != NULL)
		g_ptr_array_add(node->expressions, regex);
}

static bool read_group_name(struct parser *p, struct query_node *node)
{
	const char *start;
	g_autofree char *name = NULL;
	g_auto(GStrv) members = NULL;
	GPtrArray *addresses;

	skip_blanks(p);
	start = p->at;
	name = read_word(p);
	if (*name != '\0' && p->context->group != NULL)
		members = p->context->group(name, p->context->user);
	if (members == NULL)
		return fail(p, start, _("the name of a group"));
	addresses = g_ptr_array_new();
	node->group = true;
	node->expressions = g_ptr_array_new_with_free_func(free_expression);
	for (char **member = members; *member != NULL; member++)
		add_member(node, addresses, *member);
	g_ptr_array_add(addresses, NULL);
	node->members = (char **)g_ptr_array_free(addresses, FALSE);
	return true;
}

static struct query_node *read_letter(struct parser *p, char kind)
{
	const struct letter *letter = find_letter(*p->at);
	struct query_node *node;
	char name[] = { kind, *p->at, '\0' };

	if (letter == NULL && *p->at != '\0' && strchr(later, *p->at)) {
		fail_later(p, p->at - 1, name);
		return NULL;
	}
	if (letter == NULL) {
		fail(p, p->at, _("a letter such as f, s, d or N"));
		return NULL;
	}
	if (kind == '%' && letter->argument == TEXT && !is_people(letter)) {
		fail(p, p->at, _("a letter of addresses (f, t, c, C, L)"));
		return NULL;
	}
	p->at++;
	node = node_new(p, letter->op);
	node->field = letter->field;
	node->mine = letter->mine;
	if (kind == '%' && letter->argument == TEXT
		    ? read_group_name(p, node)
		    : read_argument(p, letter, node, kind == '='))
		return node;
	node_free(node);
	return NULL;
}

/* At '~', '=' or '%'. */
static struct query_node *read_modifier(struct parser *p)
{
	char kind = *p->at++;

	if (*p->at == '(' || (strchr("<>", *p->at) != NULL && *p->at != '\0' &&
			      p->at[1] == '('))
		return read_thread_op(p);
	return read_letter(p, kind);
}

static struct query_node *read_operand(struct parser *p)
{
	if (*p->at == '(')
		return read_group(p);
	if (*p->at != '\0' && strchr("~=%", *p->at) != NULL)
		return read_modifier(p);
	fail(p, p->at, a_pattern());
	return NULL;
}

/* Marks before an operand; false when one of them is not possible. */
static bool read_prefix(struct parser *p, struct prefix *prefix)
{
	for (;; p->at++) {
		skip_blanks(p);
		if (*p->at == '!')
			prefix->not = !prefix->not;
		else if (*p->at == '^')
			prefix->every = !prefix->every;
		else if (*p->at == '@')
			return fail_later(p, p->at, _("an alias (@)"));
		else
			return true;
		prefix->any = true;
	}
}

static bool at_end(const struct parser *p)
{
	return *p->at == '\0' || (*p->at == ')' && p->depth > 0);
}

/*
 * Operands joined from left to right: "A B | C" is (A B) | C, and
 * "A | B C" is (A | B) C.
 */
static bool read_operands(struct parser *p, GPtrArray **list, bool *or)
{
	bool waiting = true; /* for an operand: at the start and after '|' */

	for (;;) {
		struct prefix prefix = { 0 };
		struct query_node *node;

		if (!read_prefix(p, &prefix))
			return false;
		if (at_end(p) && !waiting && !prefix.any)
			return true;
		if (*p->at == '|' && (*list)->len > 0 && !prefix.any) {
			if (!*or && (*list)->len > 1) {
				node = join(p, *list, false);
				*list = list_new();
				g_ptr_array_add(*list, node);
			}
			*or = waiting = true;
			p->at++;
			continue;
		}
		node = read_operand(p);
		if (node == NULL)
			return false;
		node->not ^= prefix.not;
		node->every |= prefix.every;
		if (*or && !waiting) {
			struct query_node *all = join(p, *list, true);

			*list = list_new();
			g_ptr_array_add(*list, all);
			*or = false;
		}
		g_ptr_array_add(*list, node);
		waiting = false;
	}
}

static struct query_node *read_list(struct parser *p)
{
	GPtrArray *list = list_new();
	bool or = false;

	if (read_operands(p, &list, &or))
		return join(p, list, or);
	g_ptr_array_unref(list);
	return NULL;
}

/* ---- the whole ---- */

static bool parse(struct query *query, const char *text,
		  const struct query_context *context, GError **error)
{
	struct parser p = {
		.text = text,
		.at = text,
		.query = query,
		.context = context,
		.error = error,
	};

	query->root = read_list(&p);
	return query->root != NULL;
}

struct query *query_new(const char *text, const struct query_context *context,
			GError **error)
{
	g_autofree char *expanded = NULL;
	struct query *query;

	if (strlen(text) > QUERY_LENGTH_MAX || !g_utf8_validate(text, -1, NULL)) {
		g_set_error(error, QUERY_ERROR, QUERY_ERROR_SYNTAX,
			    _("the pattern is too long, or it is not UTF-8"));
		return NULL;
	}
	while (g_ascii_isspace(*text))
		text++;
	if (context->simple != NULL && *text != '\0')
		expanded = simple_expand(text, context->simple);
	query = g_new0(struct query, 1);
	query->mine = g_strdupv((char **)context->mine);
	if (parse(query, expanded != NULL ? expanded : text, context, error))
		return query;
	query_free(query);
	return NULL;
}

void query_free(struct query *query)
{
	if (query == NULL)
		return;
	node_free(query->root);
	g_strfreev(query->mine);
	g_free(query);
}

const struct query_node *query_root(const struct query *query)
{
	return query->root;
}

bool query_is_all(const struct query *query)
{
	return query->root->op == QUERY_ALL && !query->root->not;
}

bool query_gave_up(const struct query *query)
{
	return query->gave_up;
}
