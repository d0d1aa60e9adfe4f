/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The postbox, alone and between threads. */
#include "config.h"

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>

#include <cmocka.h>

#include "smew/base.h"

/* Generous: reached only when something is broken. */
#define PATIENCE_MS 60000

struct parcel {
	struct post post;
	int number;
	int sender;
	atomic_int *released; /* borrowed; counts */
};

static void parcel_release(struct post *post)
{
	struct parcel *parcel = (struct parcel *)post;

	if (parcel->released != NULL)
		atomic_fetch_add(parcel->released, 1);
	g_free(parcel);
}

static struct parcel *parcel_new(int kind, uint64_t key, int number)
{
	struct parcel *parcel = g_new0(struct parcel, 1);

	parcel->post.kind = kind;
	parcel->post.merge_key = key;
	parcel->post.release = parcel_release;
	parcel->number = number;
	return parcel;
}

static void push(struct postbox *box, int kind, uint64_t key, int number)
{
	postbox_push(box, &parcel_new(kind, key, number)->post);
}

static bool is_readable(struct postbox *box)
{
	struct pollfd fd = {.fd = postbox_fd(box), .events = POLLIN};

	return poll(&fd, 1, 0) == 1;
}

static void expect(struct postbox *box, int number)
{
	struct post *post = postbox_pop(box);

	assert_non_null(post);
	assert_int_equal(((struct parcel *)post)->number, number);
	post_free(post);
}

static void posts_come_in_order(void **state)
{
	struct postbox *box = postbox_new();

	(void)state;
	assert_false(is_readable(box));
	assert_null(postbox_pop(box));
	for (int i = 0; i < 3; i++)
		push(box, 1, 0, i);
	assert_true(is_readable(box));
	for (int i = 0; i < 3; i++)
		expect(box, i);
	assert_false(is_readable(box));
	push(box, 1, 0, 7);
	assert_true(is_readable(box));
	expect(box, 7);
	assert_null(postbox_pop(box));
	postbox_free(box);
}

static void newer_replaces_older_in_its_place(void **state)
{
	struct postbox *box = postbox_new();

	(void)state;
	push(box, 1, 5, 0); /* replaced at the head */
	push(box, 1, 6, 1); /* its neighbour */
	push(box, 2, 5, 2); /* another kind */
	push(box, 1, 0, 3); /* never merged */
	push(box, 1, 0, 4);
	push(box, 1, 7, 5); /* replaced at the tail */
	push(box, 1, 5, 10);
	push(box, 1, 7, 15);
	push(box, 1, 6, 11);
	push(box, 1, 0, 6);
	expect(box, 10);
	push(box, 1, 6, 21); /* now at the head itself */
	push(box, 1, 5, 22); /* delivered before: a new one */
	expect(box, 21);
	expect(box, 2);
	expect(box, 3);
	expect(box, 4);
	expect(box, 15);
	expect(box, 6);
	expect(box, 22);
	assert_null(postbox_pop(box));
	push(box, 1, 7, 30);
	expect(box, 30);
	postbox_free(box);
}

struct entry {
	int key, number;
};

/* The links and the table, against a plain list, over many random steps. */
static void merging_agrees_with_a_model(void **state)
{
	struct postbox *box = postbox_new();
	GArray *model = g_array_new(FALSE, FALSE, sizeof(struct entry));
	GRand *rand = g_rand_new_with_seed(7);

	(void)state;
	for (int step = 0; step < 20000; step++) {
		int key = g_rand_int_range(rand, 0, 6);
		struct entry entry = {key, step};
		guint i = 0;

		if (g_rand_boolean(rand)) {
			if (model->len == 0)
				continue;
			expect(box,
			       g_array_index(model, struct entry, 0).number);
			g_array_remove_index(model, 0);
			continue;
		}
		push(box, 1, (uint64_t)key, step);
		while (key != 0 && i < model->len &&
		       g_array_index(model, struct entry, i).key != key)
			i++;
		if (key != 0 && i < model->len)
			g_array_index(model, struct entry, i).number = step;
		else
			g_array_append_val(model, entry);
		assert_true(is_readable(box) == (model->len > 0));
	}
	g_rand_free(rand);
	g_array_free(model, TRUE);
	postbox_free(box);
}

static void every_post_is_released_once(void **state)
{
	struct postbox *box = postbox_new();
	atomic_int released = 0;

	(void)state;
	for (int i = 0; i < 10; i++) {
		struct parcel *parcel = parcel_new(1, i < 5 ? 9 : 0, i);

		parcel->released = &released;
		postbox_push(box, &parcel->post);
	}
	assert_int_equal(released, 4); /* merged away */
	post_free(postbox_pop(box));
	assert_int_equal(released, 5);
	postbox_free(box);
	assert_int_equal(released, 10);
	post_free(NULL);
}

/* ---- between threads ---- */

#define SENDERS 4
#define PARCELS 5000

struct sender {
	pthread_t thread;
	struct postbox *box;
	int number;
	atomic_int *released;
};

static void *send_all(void *data)
{
	struct sender *sender = data;

	for (int i = 0; i < PARCELS; i++) {
		/* Each fourth may be merged with the sender's last such one. */
		uint64_t key = i % 4 == 0 ? (uint64_t)sender->number + 1 : 0;
		struct parcel *parcel = parcel_new(1, key, i);

		parcel->sender = sender->number;
		parcel->released = sender->released;
		postbox_push(sender->box, &parcel->post);
	}
	return NULL;
}

static void start_senders(struct sender *senders, struct postbox *box,
			  atomic_int *released)
{
	for (int i = 0; i < SENDERS; i++) {
		senders[i] = (struct sender){
			.box = box, .number = i, .released = released};
		assert_int_equal(pthread_create(&senders[i].thread, NULL,
						send_all, &senders[i]),
				 0);
	}
}

static void join_senders(struct sender *senders)
{
	for (int i = 0; i < SENDERS; i++)
		pthread_join(senders[i].thread, NULL);
}

/* What was received from each sender. */
struct tally {
	GMainLoop *loop;   /* borrowed */
	int last[SENDERS]; /* number of the last that cannot be merged */
	int plain[SENDERS];
};

static void tally_post(struct post *post, void *user)
{
	struct parcel *parcel = (struct parcel *)post;
	struct tally *tally = user;

	if (post->merge_key == 0) {
		assert_true(parcel->number > tally->last[parcel->sender]);
		tally->last[parcel->sender] = parcel->number;
		tally->plain[parcel->sender]++;
	}
	post_free(post);
	for (int i = 0; i < SENDERS; i++)
		if (tally->plain[i] != PARCELS / 4 * 3)
			return;
	g_main_loop_quit(tally->loop);
}

static gboolean give_up(gpointer user)
{
	(void)user;
	fail_msg("the posts did not arrive");
	return G_SOURCE_REMOVE;
}

static GSource *attach_give_up(GMainContext *context)
{
	GSource *source = g_timeout_source_new(PATIENCE_MS);

	g_source_set_callback(source, give_up, NULL, NULL);
	g_source_attach(source, context);
	return source;
}

static void threads_lose_nothing(void **state)
{
	GMainContext *context = g_main_context_new();
	GMainLoop *loop = g_main_loop_new(context, FALSE);
	struct postbox *box = postbox_new();
	struct tally tally = {.loop = loop};
	GSource *source = postbox_source(box, tally_post, &tally);
	GSource *timer = attach_give_up(context);
	struct sender senders[SENDERS];
	atomic_int released = 0;

	(void)state;
	for (int i = 0; i < SENDERS; i++)
		tally.last[i] = -1;
	g_source_attach(source, context);
	start_senders(senders, box, &released);
	g_main_loop_run(loop);
	join_senders(senders);
	g_source_destroy(source);
	g_source_unref(source);
	g_source_destroy(timer);
	g_source_unref(timer);
	postbox_free(box);
	assert_int_equal(released, SENDERS * PARCELS);
	g_main_loop_unref(loop);
	g_main_context_unref(context);
}

static void poll_and_pop_lose_nothing(void **state)
{
	struct postbox *box = postbox_new();
	struct sender senders[SENDERS];
	atomic_int released = 0;
	int plain = 0;

	(void)state;
	start_senders(senders, box, &released);
	while (plain < SENDERS * PARCELS / 4 * 3) {
		struct pollfd fd = {postbox_fd(box), POLLIN, 0};
		struct post *post;

		assert_int_equal(poll(&fd, 1, PATIENCE_MS), 1);
		while ((post = postbox_pop(box)) != NULL) {
			plain += post->merge_key == 0;
			post_free(post);
		}
	}
	join_senders(senders);
	postbox_free(box);
	assert_int_equal(released, SENDERS * PARCELS);
}

/* ---- the source ---- */

struct slow {
	GSource *source; /* borrowed */
	struct postbox *box;
	int delivered;
	bool end_after_one;
};

static void deliver_slowly(struct post *post, void *user)
{
	struct slow *slow = user;
	gint64 until = g_get_monotonic_time() + 6000;

	post_free(post);
	slow->delivered++;
	while (g_get_monotonic_time() < until)
		;
	if (slow->end_after_one) {
		g_source_destroy(slow->source);
		postbox_free(slow->box);
	}
}

static void source_yields_after_its_budget(void **state)
{
	GMainContext *context = g_main_context_new();
	struct slow slow = {.box = postbox_new()};

	(void)state;
	slow.source = postbox_source(slow.box, deliver_slowly, &slow);
	g_source_attach(slow.source, context);
	for (int i = 0; i < 3; i++)
		push(slow.box, 1, 0, i);
	for (int i = 1; i <= 3; i++) {
		g_main_context_iteration(context, FALSE);
		assert_int_equal(slow.delivered, i);
	}
	g_main_context_iteration(context, FALSE);
	assert_int_equal(slow.delivered, 3);
	g_source_destroy(slow.source);
	g_source_unref(slow.source);
	postbox_free(slow.box);
	g_main_context_unref(context);
}

static void receiver_may_end_source_and_box(void **state)
{
	GMainContext *context = g_main_context_new();
	struct slow slow = {.box = postbox_new(), .end_after_one = true};

	(void)state;
	slow.source = postbox_source(slow.box, deliver_slowly, &slow);
	g_source_attach(slow.source, context);
	push(slow.box, 1, 0, 1);
	push(slow.box, 1, 0, 2);
	g_main_context_iteration(context, FALSE);
	assert_int_equal(slow.delivered, 1);
	g_source_unref(slow.source);
	g_main_context_unref(context);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(posts_come_in_order),
		cmocka_unit_test(newer_replaces_older_in_its_place),
		cmocka_unit_test(merging_agrees_with_a_model),
		cmocka_unit_test(every_post_is_released_once),
		cmocka_unit_test(threads_lose_nothing),
		cmocka_unit_test(poll_and_pop_lose_nothing),
		cmocka_unit_test(source_yields_after_its_budget),
		cmocka_unit_test(receiver_may_end_source_and_box),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
