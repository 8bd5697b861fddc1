/* log_keep.c - what the logger keeps: the last lines, the queue to standard output, states, names.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "supervisor/log/archive.h"
#include "supervisor/log/journal.h"
#include "supervisor/log/queue.h"
#include "supervisor/log/ring.h"

static uint64_t next_random(uint64_t *random)
{
	*random ^= *random << 13;
	*random ^= *random >> 7;
	*random ^= *random << 17;
	return *random;
}

/* ---- ring */

static void the_last_lines_stay(void **state)
{
	struct ring ring;
	struct ring_line line;
	uint64_t at = 0;
	unsigned count = 0;
	char text[64];
	unsigned number = 0;

	(void)state;
	ring_init(&ring, 5000);
	assert_false(ring_next(&ring, &at, &line));
	for (unsigned i = 0; i < 1000; i++) {
		struct span span = {.a = text, .more = i % 2};

		span.a_n = (size_t)snprintf(text, sizeof(text), "line %u", i);
		span.b = " end";
		span.b_n = i % 5;
		ring_add(&ring, i, (uint8_t)(i % 3), &span);
	}
	assert_true(ring.size <= 5000);
	for (at = 0; ring_next(&ring, &at, &line); count++) {
		size_t n = line.text.a_n;

		memcpy(text, line.text.a, n);
		if (line.text.b_n > 0)
			memcpy(text + n, line.text.b, line.text.b_n);
		text[n + line.text.b_n] = '\0';
		if (count == 0)
			number = (unsigned)line.time_us;
		assert_int_equal(line.time_us, number);
		assert_int_equal(line.stream, number % 3);
		assert_int_equal(line.text.more, number % 2 == 1);
		assert_int_equal(strtoul(text + 5, NULL, 10), number);
		number++;
	}
	assert_int_equal(number, 1000);
	assert_in_range(count, 5000 / 32, 5000 / 20);
	ring_free(&ring);
}

static void of_many_lines_those_stay_that_fit(void **state)
{
	static char text[100000];
	struct ring ring;
	struct ring_line line;
	size_t n = 0;
	unsigned count = 0;

	(void)state;
	for (unsigned i = 0; n < sizeof(text) - 20; i++)
		n += (size_t)snprintf(text + n, 20, "%u\n", i);
	ring_init(&ring, 4096);
	ring_add(&ring, 1, 0, &(struct span){.a = text, .a_n = n, .many = true});
	for (uint64_t at = 0; ring_next(&ring, &at, &line);)
		count++;
	assert_in_range(count, 4096 / 32, 4096 / 16);
	/* A long one is cut. */
	ring_add(&ring, 2, 0, &(struct span){.a = text, .a_n = 3000});
	for (uint64_t at = 0; ring_next(&ring, &at, &line);)
		n = line.text.a_n + line.text.b_n;
	assert_int_equal(n, 1024);
	assert_true(line.text.more);
	ring_free(&ring);
}

/* ---- journal */

static struct journal *journal_new(void)
{
	size_t size = JOURNAL_SLOTS_AT + 2 * JOURNAL_SLOT;
	struct journal *journal = mmap(NULL, size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	assert_ptr_not_equal(journal, MAP_FAILED);
	assert_false(journal_is_sound(journal, size));
	journal_init(journal);
	journal->slots_n = 2;
	assert_true(journal_is_sound(journal, size));
	assert_false(journal_is_sound(journal, size - 1));
	return journal;
}

static void journal_end(struct journal *journal)
{
	assert_int_equal(munmap(journal, JOURNAL_SLOTS_AT + 2 * JOURNAL_SLOT), 0);
}

static void a_state_is_valid_once_its_batch_is(void **state)
{
	struct journal *journal = journal_new();
	struct slot *slot = journal_slot(journal, 0);

	(void)state;
	for (unsigned i = 1; i < 10; i++) {
		journal_begin(journal, i);
		slot_next(journal, slot)->bytes++;
		slot_next(journal, slot)->lines = i;
		assert_int_equal(slot_state(journal, slot)->bytes, i - 1);
		if (i % 2) {
			/* Killed, and done again. */
			size_t at;

			assert_int_equal(journal_resume(journal, 0, &at), 0);
			assert_int_equal(slot_state(journal, slot)->bytes, i - 1);
		}
		slot_next(journal, slot)->bytes = i;
		journal_commit(journal);
		assert_int_equal(slot_state(journal, slot)->bytes, i);
	}
	journal_end(journal);
}

static void staged_bytes_belong_to_the_last_piece(void **state)
{
	struct journal *journal = journal_new();
	size_t at;

	(void)state;
	journal_begin(journal, 1);
	journal_piece_open(journal, 0);
	journal_piece_sized(journal, 100, 0);
	assert_int_equal(journal_resume(journal, 0, &at), 0);
	assert_int_equal(at, 100);
	assert_int_equal(journal_resume(journal, 30, &at), 0); /* 70 were read */
	assert_int_equal(at, 70);
	journal_piece_open(journal, 1);
	assert_int_equal(journal_resume(journal, 0, &at), 0); /* nothing was spliced */
	assert_int_equal(at, 100);
	assert_int_equal(
		journal_resume(journal, 50, &at), 0); /* it was, and its size was not stored */
	assert_int_equal(at, 100);
	assert_int_equal(journal->pieces[1].n, 50);
	/* More than a batch can have left. */
	assert_int_equal(journal_resume(journal, 151, &at), -EBADMSG);
	journal_give_up(journal);
	assert_false(journal_under_way(journal));
	/* A batch that kills whoever does it is given up in the end. */
	journal_begin(journal, 1);
	for (int i = 0; i < JOURNAL_TRIES; i++)
		assert_int_equal(journal_resume(journal, 0, &at), 0);
	assert_int_equal(journal_resume(journal, 0, &at), -EBADMSG);
	journal_end(journal);
}

/* ---- queue */

struct model {
	unsigned added;
	unsigned taken;
};

/* Numbered texts of any length go through, whatever the order of adding and taking. */
static void add_some(struct journal *journal, struct model *model, uint64_t *random)
{
	static char text[LOG_LINE_MOST * 2];
	size_t reserved = 0;

	journal_begin(journal, 1);
	for (int i = 0; i < 8; i++) {
		size_t carry = next_random(random) % 3000;
		size_t room = queue_room(journal, carry, reserved);
		size_t n = room ? 1 + next_random(random) % (room < 60000 ? room : 60000) : 0;
		struct span span = {.a = text, .a_n = carry, .b = text + carry, .b_n = n};

		if (n == 0)
			break;
		memset(text, (int)('a' + model->added % 26), carry + n);
		assert_true(queue_fits(journal, &span));
		queue_add(journal, model->added, &span);
		model->added++;
	}
	journal_commit(journal);
}

static void take_one(struct journal *journal, struct model *model)
{
	struct span span;
	struct queue_entry *entry = queue_first(journal, &span);

	if (!entry) {
		assert_int_equal(model->taken, model->added);
		assert_true(queue_is_empty(journal));
		return;
	}
	assert_int_equal(entry->slot, model->taken);
	for (size_t i = 0; i < span.a_n; i++)
		if (span.a[i] != (char)('a' + model->taken % 26))
			fail_msg("byte %zu of entry %u", i, model->taken);
	if (span.a_n > 100) {
		queue_advance(journal, entry, 50);
		assert_ptr_equal(queue_first(journal, &span), entry);
		assert_int_equal(span.a_n, entry->n - 50);
	}
	queue_drop(journal, entry);
	model->taken++;
}

static void what_was_promised_fits_into_the_queue(void **state)
{
	struct journal *journal = journal_new();
	struct model model = {0};
	uint64_t random = 88172645463325252u;

	(void)state;
	for (int round = 0; round < 400; round++) {
		unsigned n = (unsigned)(next_random(&random) % 12);

		add_some(journal, &model, &random);
		while (n-- > 0)
			take_one(journal, &model);
	}
	while (!queue_is_empty(journal))
		take_one(journal, &model);
	take_one(journal, &model);
	assert_true(model.added > 500);
	journal_end(journal);
}

static void what_was_not_committed_is_not_in_the_queue(void **state)
{
	struct journal *journal = journal_new();
	struct span span = {.a = "x", .a_n = 1};
	uint64_t at = 0;
	size_t where;

	(void)state;
	journal_begin(journal, 1);
	queue_add(journal, 7, &span);
	assert_null(queue_first(journal, &span));
	assert_int_equal(journal_resume(journal, 0, &where), 0);
	span = (struct span){.a = "yz", .a_n = 2};
	queue_add(journal, 8, &span);
	journal_commit(journal);
	assert_non_null(queue_next(journal, &at));
	assert_null(queue_next(journal, &at));
	assert_int_equal(queue_first(journal, &span)->slot, 8);
	journal_end(journal);
}

/* ---- archives */

static void names_are_in_the_order_of_time(void **state)
{
	static const uint64_t TIMES[] = {0, 999999, 1000000, 1700000000000000, 1700000000000001,
		1795529527000000, 4102444800000000};
	char before[ARCHIVE_SUFFIX_MAX] = "";
	char suffix[ARCHIVE_SUFFIX_MAX];
	enum log_compress how;
	uint64_t stamp;

	(void)state;
	for (size_t i = 0; i < sizeof(TIMES) / sizeof(TIMES[0]); i++) {
		for (unsigned c = 0; c < LOG_COMPRESS_COUNT; c++) {
			archive_suffix(TIMES[i], (enum log_compress)c, suffix);
			assert_true(archive_parse(suffix, &stamp, &how));
			assert_true(stamp == TIMES[i]);
			assert_int_equal(how, c);
		}
		archive_suffix(TIMES[i], LOG_COMPRESS_NONE, suffix);
		assert_true(strcmp(before, suffix) < 0);
		memcpy(before, suffix, sizeof(before));
	}
	assert_string_equal(archive_suffix(1795529527000042, LOG_COMPRESS_GZIP, suffix),
		".20261124T141207.000042.gz");
}

static void other_names_are_no_archives(void **state)
{
	static const char *const NAMES[] = {"", ".1", ".gz", ".20261124T141207",
		"20261124T141207.0", ".20261124T141207.00004", ".20261124T141207.0000421",
		".20261324T141207.000042", ".20261124T141207.000042.bz2",
		".20261124T141207.000042.gz.gz", ".20260231T141207.000042",
		".20261124t141207.000042", ".2026112xT141207.000042"};
	enum log_compress how;
	uint64_t stamp;

	(void)state;
	for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++)
		assert_false(archive_parse(NAMES[i], &stamp, &how));
}

static void the_oldest_go_first(void **state)
{
	struct archives archives = {0};
	uint64_t random = 88172645463325252u;
	uint64_t before = 0;
	uint64_t stamp;

	(void)state;
	for (int i = 0; i < 500; i++)
		assert_int_equal(archives_add(&archives, next_random(&random) % 400 + 1), 0);
	assert_true(archives.n < 400);
	assert_false(archives_excess(&archives, 0, &stamp));
	while (archives_excess(&archives, 10, &stamp)) {
		assert_true(stamp > before);
		before = stamp;
	}
	assert_int_equal(archives.n, 10);
	for (uint64_t i = 401; i < 10000; i++) {
		assert_int_equal(archives_add(&archives, i), 0);
		assert_true(archives_excess(&archives, 10, &stamp));
		assert_int_equal(archives_newest(&archives), i);
	}
	assert_true(archives.size < 2000);
	archives_free(&archives);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_lines_stay),
		cmocka_unit_test(of_many_lines_those_stay_that_fit),
		cmocka_unit_test(a_state_is_valid_once_its_batch_is),
		cmocka_unit_test(staged_bytes_belong_to_the_last_piece),
		cmocka_unit_test(what_was_promised_fits_into_the_queue),
		cmocka_unit_test(what_was_not_committed_is_not_in_the_queue),
		cmocka_unit_test(names_are_in_the_order_of_time),
		cmocka_unit_test(other_names_are_no_archives),
		cmocka_unit_test(the_oldest_go_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
