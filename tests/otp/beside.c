/* beside.c - plays cases with supd's engine and with Erlang/OTP's supervisor, and compares.
 *
 *     beside [--cases N] [--seed S] [--batch N] [--store DIR] [--beam DIR] [--no-erlang]
 *            [--regressions DIR] [--brief]
 *     beside --plan DIR [--cases N] [--seed S]     writes cases for the real programs: run-real
 *     beside --show FILE       plays one case in both
 *     beside --expect FILE     writes what OTP does into a case, below "expect"
 *
 * --brief stops at the batch of the first difference and shows nothing of it: for mutations.
 *
 * Case n of a run has the seed S + n, so that "--cases 1 --seed S" plays one again. The output is
 * TAP; the exit status 0 means no difference, 1 that there is one, 2 that it could not be found
 * out. */
#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/otp/case.h"
#include "tests/otp/file.h"
#include "tests/otp/show.h"

enum { BATCH = 2000, SHOWN_MAX = 3 };

struct options {
	uint64_t cases;
	uint64_t seed;
	uint64_t batch;
	const char *beam_dir;
	const char *store;
	const char *regressions;
	const char *show;
	const char *expect;
	const char *plan;
	bool no_erlang;
	bool brief;
};

static uint64_t number(const char *text)
{
	char *end = NULL;
	unsigned long long value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0')
		give_up(text, "not a number");
	return value;
}

static struct options read_options(int argc, char *argv[])
{
	static const struct option KNOWN[] = {{"cases", required_argument, NULL, 'n'},
		{"seed", required_argument, NULL, 's'}, {"batch", required_argument, NULL, 'b'},
		{"beam", required_argument, NULL, 'e'}, {"store", required_argument, NULL, 'o'},
		{"regressions", required_argument, NULL, 'r'},
		{"show", required_argument, NULL, 'w'}, {"expect", required_argument, NULL, 'x'},
		{"plan", required_argument, NULL, 'p'}, {"no-erlang", no_argument, NULL, 'E'},
		{"brief", no_argument, NULL, 'B'}, {NULL, 0, NULL, 0}};
	struct options o = {.cases = 2000, .seed = 1, .batch = BATCH, .beam_dir = "."};
	int c;

	while ((c = getopt_long(argc, argv, "", KNOWN, NULL)) != -1) {
		if (c == 'n')
			o.cases = number(optarg);
		else if (c == 's')
			o.seed = number(optarg);
		else if (c == 'b')
			o.batch = number(optarg);
		else if (c == 'e')
			o.beam_dir = optarg;
		else if (c == 'o')
			o.store = optarg;
		else if (c == 'r')
			o.regressions = optarg;
		else if (c == 'w')
			o.show = optarg;
		else if (c == 'x')
			o.expect = optarg;
		else if (c == 'E')
			o.no_erlang = true;
		else if (c == 'p')
			o.plan = optarg;
		else if (c == 'B')
			o.brief = true;
		else
			exit(2);
	}
	if (optind != argc || o.batch == 0)
		give_up("usage", "beside [--cases N] [--seed S] …");
	return o;
}

/* ---- generated cases */

/* What happened in all of them, so that agreement about nothing is seen for what it is. */
struct census {
	uint64_t lines[8];
};

static const char *const COUNTED[] = {
	"start failed", "start", "stop", "kill", "exit", "gave up", "reply", "nothing"};

static void count_lines(struct census *census, const char *trace)
{
	while (*trace != '\0') {
		for (size_t i = 0; i < sizeof(COUNTED) / sizeof(COUNTED[0]); i++) {
			if (strncmp(trace, COUNTED[i], strlen(COUNTED[i])) == 0) {
				census->lines[i]++;
				break;
			}
		}
		trace += strcspn(trace, "\n");
		trace += *trace == '\n';
	}
}

static void print_census(const struct census *census)
{
	printf("# lines of the traces:");
	for (size_t i = 0; i < sizeof(COUNTED) / sizeof(COUNTED[0]); i++)
		printf("%s %llu %s", i == 0 ? "" : ",", (unsigned long long)census->lines[i],
			COUNTED[i]);
	printf("\n");
}

/* One that differs: shown as small as it can be, and kept when told to. */
static void tell(struct erlang *erlang, const struct options *o, const struct otp_case *found)
{
	struct otp_case small = *found;
	const struct otp_case *one = &small;
	char name[512];
	char *by_engine = NULL;
	char *by_erlang = NULL;
	bool differs = false;
	size_t tried;

	printf("# a difference: seed %llu, %u nodes, %u steps; making it smaller …\n",
		(unsigned long long)found->seed, found->nodes, found->steps);
	(void)fflush(stdout);
	tried = case_shrink(erlang, &small);
	compare_many(erlang, &one, 1, &differs, &by_engine, &by_erlang);
	printf("# the smallest of %zu tried%s; play it again with --cases 1 --seed %llu\n", tried,
		differs ? "" : " (which does not differ a second time)",
		(unsigned long long)found->seed);
	show_difference(stdout, &small, by_engine, by_erlang);
	if (o->store != NULL) {
		(void)snprintf(name, sizeof(name), "%s/seed-%llu.case", o->store,
			(unsigned long long)found->seed);
		case_file_write(name, &small, by_erlang);
		printf("# kept as %s\n", name);
	}
	free(by_engine);
	free(by_erlang);
}

/* Returns how many differ; the first of them goes to *ret_first. */
static uint64_t play_batch(struct erlang *erlang, const struct options *o, uint64_t seed, size_t n,
	uint64_t differed, uint64_t *ret_first, struct census *census)
{
	struct otp_case *cases = must_have(calloc(n, sizeof(*cases)));
	const struct otp_case **list = must_have(calloc(n, sizeof(*list)));
	bool *differs = must_have(calloc(n, sizeof(*differs)));
	char **traces = must_have(calloc(n, sizeof(*traces)));

	for (size_t i = 0; i < n; i++) {
		case_generate(&cases[i], seed + i);
		list[i] = &cases[i];
	}
	compare_many(erlang, list, n, differs, NULL, traces);
	for (size_t i = 0; i < n; i++) {
		count_lines(census, traces[i]);
		free(traces[i]);
		if (!differs[i])
			continue;
		if (differed == 0)
			*ret_first = seed + i;
		if (differed++ < SHOWN_MAX && !o->brief)
			tell(erlang, o, &cases[i]);
	}
	free(cases);
	free(list);
	free(differs);
	free(traces);
	return differed;
}

static bool play_generated(struct erlang *erlang, const struct options *o)
{
	struct timespec began;
	struct timespec now;
	struct census census = {{0}};
	uint64_t differed = 0;
	uint64_t first = 0;
	double seconds;

	(void)clock_gettime(CLOCK_MONOTONIC, &began);
	for (uint64_t done = 0; done < o->cases && !(o->brief && differed > 0); done += o->batch) {
		uint64_t n = o->cases - done < o->batch ? o->cases - done : o->batch;

		differed = play_batch(erlang, o, o->seed + done, n, differed, &first, &census);
	}
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	seconds = (double)(now.tv_sec - began.tv_sec) +
		  (double)(now.tv_nsec - began.tv_nsec) / 1000000000.0;
	printf("# %llu cases from seed %llu beside Erlang/OTP %s in %.1f s: %llu differ\n",
		(unsigned long long)o->cases, (unsigned long long)o->seed, erlang_release(erlang),
		seconds, (unsigned long long)differed);
	print_census(&census);
	if (differed > 0)
		printf("# the first one that differs is number %llu\n",
			(unsigned long long)(first - o->seed + 1));
	printf("%s 1 - the engine does what Erlang/OTP does\n", differed == 0 ? "ok" : "not ok");
	return differed == 0;
}

/* ---- regressions */

static int is_case(const struct dirent *entry)
{
	size_t n = strlen(entry->d_name);

	return n > 5 && strcmp(entry->d_name + n - 5, ".case") == 0;
}

/* Plays the case of a file, and compares with what OTP did when it was kept, and does. */
static bool play_regression(struct erlang *erlang, const char *name)
{
	struct otp_case c;
	const struct otp_case *one = &c;
	const char *expected = NULL;
	char *text = case_file_read(name, &c, &expected);
	char *by_engine = NULL;
	char *by_erlang = NULL;
	bool good;

	if (expected == NULL)
		give_up(name, "no line \"expect\"");
	engine_play_many(&one, 1, &by_engine);
	good = strcmp(by_engine, expected) == 0;
	if (!good)
		show_difference(stdout, &c, by_engine, expected);
	if (erlang != NULL) {
		erlang_play_many(erlang, &one, 1, 10, &by_erlang);
		if (strcmp(by_erlang, expected) != 0) {
			printf("# Erlang/OTP does not do what the file expects of it:\n");
			show_difference(stdout, &c, expected, by_erlang);
			good = false;
		}
	}
	free(text);
	free(by_engine);
	free(by_erlang);
	return good;
}

static bool play_regressions(struct erlang *erlang, const char *dir, struct dirent **list, int n)
{
	bool good = true;

	for (int i = 0; i < n; i++) {
		char name[512];
		bool passed;

		(void)snprintf(name, sizeof(name), "%s/%s", dir, list[i]->d_name);
		passed = play_regression(erlang, name);
		printf("%s %d - %s\n", passed ? "ok" : "not ok", 2 + i, list[i]->d_name);
		good = good && passed;
	}
	return good;
}

/* ---- one case */

static bool show_one(struct erlang *erlang, const char *name)
{
	struct otp_case c;
	const struct otp_case *one = &c;
	const char *expected = NULL;
	char *by_engine = NULL;
	char *by_erlang = NULL;
	char *text = case_file_read(name, &c, &expected);
	bool differs = false;

	compare_many(erlang, &one, 1, &differs, &by_engine, &by_erlang);
	show_difference(stdout, &c, by_engine, by_erlang);
	printf("%s\n", differs ? "they differ" : "they agree");
	free(text);
	free(by_engine);
	free(by_erlang);
	return !differs;
}

static void expect_one(struct erlang *erlang, const char *name)
{
	struct otp_case c;
	const struct otp_case *one = &c;
	const char *expected = NULL;
	char *text = case_file_read(name, &c, &expected);
	char *trace = NULL;

	erlang_play_many(erlang, &one, 1, 10, &trace);
	case_file_write(name, &c, trace);
	free(text);
	free(trace);
}

static void remove_work(const char *dir)
{
	static const char *const NAMES[] = {"cases", "cases.out"};
	char name[256];

	for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
		(void)snprintf(name, sizeof(name), "%s/%s", dir, NAMES[i]);
		(void)unlink(name);
	}
	(void)rmdir(dir);
}

static bool run(struct erlang *erlang, const struct options *o)
{
	struct dirent **list = NULL;
	int n = 0;
	bool good = true;

	if (o->show != NULL)
		return show_one(erlang, o->show);
	if (o->expect != NULL) {
		expect_one(erlang, o->expect);
		return true;
	}
	if (o->regressions != NULL)
		n = scandir(o->regressions, &list, is_case, alphasort);
	if (n < 0)
		give_up(o->regressions, strerror(errno));
	printf("1..%d\n", n + 1);
	if (o->no_erlang)
		printf("ok 1 - generated cases # SKIP told to do without Erlang\n");
	else
		good = play_generated(erlang, o);
	if (n > 0)
		good = play_regressions(erlang, o->regressions, list, n) && good;
	for (int i = 0; i < n; i++)
		free(list[i]);
	free(list);
	return good;
}

int main(int argc, char *argv[])
{
	struct options o = read_options(argc, argv);
	const char *tmp = getenv("TMPDIR");
	struct erlang *erlang = NULL;
	char dir[200];
	bool good;

	if (o.plan != NULL) {
		for (uint64_t i = 0; i < o.cases; i++)
			case_plan(o.plan, o.seed + i);
		return 0;
	}
	if (o.no_erlang && (o.show != NULL || o.expect != NULL))
		give_up("--no-erlang", "that needs Erlang");
	(void)snprintf(dir, sizeof(dir), "%s/supd-otp.XXXXXX", tmp == NULL ? "/tmp" : tmp);
	if (!o.no_erlang) {
		if (mkdtemp(dir) == NULL)
			give_up(dir, strerror(errno));
		erlang = erlang_start(o.beam_dir, dir);
	}
	good = run(erlang, &o);
	if (erlang != NULL) {
		erlang_stop(erlang);
		remove_work(dir);
	}
	return good ? 0 : 1;
}
