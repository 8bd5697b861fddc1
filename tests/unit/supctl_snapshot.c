/* supctl_snapshot.c - status tables that are broken, torn, or changing while they are read. */
#include "tests/unit/supctl_fixture.h"

#include <signal.h>

#include "cmd/supctl_snapshot.h"

static void assert_refused(struct fixture *fixture, const char *why)
{
	assert_int_equal(SUPCTL(fixture, "status"), SUPCTL_REFUSED);
	assert_string_equal(fixture->out, "");
	assert_says(fixture->err, why);
}

static void a_file_that_is_no_table_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct status_header *header = fixture->header;

	fixture_shop(fixture);
	header->magic[0] = 'S';
	assert_refused(fixture, "it is no status table of supd");
	header->magic[0] = 's';
	header->version = 2;
	assert_refused(fixture, "another version");
	header->version = STATUS_VERSION;
	header->record_size = 16;
	assert_refused(fixture, "the sizes in its header make no sense");
	header->record_size = sizeof(struct status_record);
	header->header_size = 12;
	assert_refused(fixture, "the sizes in its header make no sense");
	header->header_size = UINT32_MAX - 7;
	assert_refused(fixture, "shorter than its header says");
	header->header_size = sizeof *header;
	header->capacity = UINT32_MAX;
	assert_refused(fixture, "shorter than its header says");
	header->capacity = FIXTURE_MAX;
	header->root = FIXTURE_MAX;
	assert_refused(fixture, "its root lies outside of it");
	header->root = 0;
	assert_int_equal(SUPCTL(fixture, "status"), SUPCTL_DONE);
}

static void a_file_cut_short_is_refused(void **state)
{
	struct fixture *fixture = *state;
	char path[128];

	fixture_shop(fixture);
	fixture_path(fixture, "status", path);
	assert_int_equal(truncate(path, 1000), 0);
	assert_refused(fixture, "shorter than its header says");
	assert_int_equal(truncate(path, 100), 0);
	assert_refused(fixture, "shorter than its header");
	assert_int_equal(truncate(path, 0), 0);
	assert_refused(fixture, "it is empty");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(SUPCTL(fixture, "status"), SUPCTL_UNREACHABLE);
	assert_says(fixture->err, "is it running?");
}

static void links_that_form_no_tree_are_refused(void **state)
{
	struct fixture *fixture = *state;

	fixture_shop(fixture);
	/* In circles: the last sibling leads to the first. */
	fixture->records[4].next_sibling = 3;
	assert_refused(fixture, "its links do not form a tree");
	fixture->records[4].next_sibling = FIXTURE_MAX + 7;
	assert_refused(fixture, "its links do not form a tree");
	fixture->records[4].next_sibling = STATUS_NONE;
	/* To a row that is free, and to another's child. */
	fixture->records[5].first_child = 6;
	assert_refused(fixture, "its links do not form a tree");
	fixture->records[5].first_child = 1;
	assert_refused(fixture, "its links do not form a tree");
	fixture->records[5].first_child = 0;
	assert_refused(fixture, "its links do not form a tree");
	fixture->records[5].first_child = STATUS_NONE;
	assert_int_equal(SUPCTL(fixture, "status"), SUPCTL_DONE);
}

static void a_tree_deeper_than_any_is_refused(void **state)
{
	struct fixture *fixture = *state;
	uint32_t at = STATUS_NONE;

	for (int i = 0; i < SNAPSHOT_DEPTH_MAX + 1; i++)
		at = fixture_add(fixture, at, "down", KIND_SUPERVISOR);
	assert_refused(fixture, "its links do not form a tree");
}

static void a_record_that_stays_half_written_is_shown_with_a_warning(void **state)
{
	struct fixture *fixture = *state;

	fixture_shop(fixture);
	fixture->records[1].seq = 3;
	assert_int_equal(SUPCTL(fixture, "status"), SUPCTL_DONE);
	assert_says(fixture->err, "some of this may be old");
	assert_says(fixture->out, "|- db ");
	fixture->records[1].seq = 4;
	fixture->header->tree_seq = 1;
	assert_int_equal(SUPCTL(fixture, "status"), SUPCTL_DONE);
	assert_says(fixture->err, "some of this may be old");
}

/* Garbage in any place must be refused or shown, never crash: an error of the reader is one of
 * ours. The seed is fixed. */
static void any_garbage_is_survived(void **state)
{
	struct fixture *fixture = *state;
	uint64_t seed = 0x9e3779b97f4a7c15u;

	fixture_shop(fixture);
	for (int i = 0; i < 3000; i++) {
		struct status_record *records = fixture->records;
		char *bytes = (char *)fixture->header;
		size_t size = sizeof *fixture->header + 6 * sizeof *records;
		struct snapshot snapshot;
		const char *why = NULL;
		size_t at;
		char was;
		int error;

		seed = seed * 6364136223846793005u + 1442695040888963407u;
		at = (seed >> 33) % size;
		/* An odd sequence number only costs time. */
		if (at >= sizeof *fixture->header &&
			(at - sizeof *fixture->header) % sizeof *records < 4)
			continue;
		was = bytes[at];
		bytes[at] = (char)(seed >> 24);
		if (fixture->header->tree_seq % 2 == 0) {
			error = snapshot_read(fixture->dir, &snapshot, &why);
			assert_true(error == 0 || (error == -EBADMSG && why));
			if (!error)
				snapshot_free(&snapshot);
		}
		bytes[at] = was;
	}
}

/* A writer that never rests: what is read always fits together. */
static void a_record_is_never_seen_half_written(void **state)
{
	struct fixture *fixture = *state;
	struct status_record *record = &fixture->records[1];
	pid_t pid;
	int status;

	fixture_shop(fixture);
	record->restarts = 0;
	record->end_value = 0;
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		for (int32_t i = 1;; i++) {
			__atomic_store_n(&record->seq, record->seq + 1, __ATOMIC_RELAXED);
			__atomic_thread_fence(__ATOMIC_SEQ_CST);
			record->end_value = i;
			__atomic_signal_fence(__ATOMIC_SEQ_CST);
			record->restarts = (uint64_t)i;
			__atomic_store_n(&record->seq, record->seq + 1, __ATOMIC_RELEASE);
			for (int j = 0; j < 50; j++)
				__atomic_signal_fence(__ATOMIC_SEQ_CST);
		}
	}
	for (int i = 0; i < 300; i++) {
		struct snapshot snapshot;
		const char *why = NULL;

		assert_int_equal(snapshot_read(fixture->dir, &snapshot, &why), 0);
		if (!snapshot.torn)
			assert_int_equal(snapshot.nodes[1].record.restarts,
				(uint64_t)snapshot.nodes[1].record.end_value);
		snapshot_free(&snapshot);
	}
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
}

static void paths_are_written_and_found(void **state)
{
	struct fixture *fixture = *state;
	char path[SNAPSHOT_PATH_SIZE];
	struct snapshot snapshot;
	uint32_t candidates[4];
	const char *why = NULL;
	uint32_t at = 99;
	uint32_t n;

	fixture_shop(fixture);
	assert_int_equal(snapshot_read(fixture->dir, &snapshot, &why), 0);
	assert_int_equal(snapshot.n, 6);
	assert_string_equal(snapshot_path(&snapshot, 0, path), "/");
	assert_string_equal(snapshot_path(&snapshot, 4, path), "web/proxy");
	assert_int_equal(snapshot.nodes[2].end, 5);
	assert_int_equal(snapshot_find(&snapshot, "web/proxy", &at, candidates, 4, &n), 0);
	assert_int_equal(at, 4);
	assert_int_equal(snapshot_find(&snapshot, "eb/proxy", &at, candidates, 4, &n), -ENOENT);
	assert_int_equal(snapshot_find(&snapshot, "shop", &at, candidates, 4, &n), -ENOENT);
	assert_int_equal(snapshot_find(&snapshot, "web/", &at, candidates, 4, &n), -ENOENT);
	assert_int_equal(snapshot_find(&snapshot, "/", &at, candidates, 4, &n), 0);
	assert_int_equal(at, 0);
	snapshot_free(&snapshot);
}

#define WITH_TABLE(test) cmocka_unit_test_setup_teardown(test, fixture_new, fixture_free)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_TABLE(a_file_that_is_no_table_is_refused),
		WITH_TABLE(a_file_cut_short_is_refused),
		WITH_TABLE(links_that_form_no_tree_are_refused),
		WITH_TABLE(a_tree_deeper_than_any_is_refused),
		WITH_TABLE(a_record_that_stays_half_written_is_shown_with_a_warning),
		WITH_TABLE(any_garbage_is_survived),
		WITH_TABLE(a_record_is_never_seen_half_written),
		WITH_TABLE(paths_are_written_and_found),
	};

	(void)setenv("LC_ALL", "C", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
