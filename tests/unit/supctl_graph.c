/* supctl_graph.c - the tree as a picture: what is written, that it is safe, and that nothing lies
 * on top of anything else. */
#include "tests/unit/supctl_fixture.h"

struct box {
	unsigned x, y, width, height;
};

enum { BOXES_MAX = 512 };

/* The boxes of an SVG, in the order in which they are drawn. */
static size_t boxes_of(const char *svg, struct box *boxes)
{
	size_t n = 0;

	for (const char *at = svg; (at = strstr(at, "class=\"box\"")) != NULL; at++, n++) {
		assert_true(n < BOXES_MAX);
		assert_int_equal(
			sscanf(at, "class=\"box\" x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\"",
				&boxes[n].x, &boxes[n].y, &boxes[n].width, &boxes[n].height),
			4);
	}
	return n;
}

static bool overlap(const struct box *a, const struct box *b)
{
	return a->x < b->x + b->width && b->x < a->x + a->width && a->y < b->y + b->height &&
	       b->y < a->y + a->height;
}

static void assert_apart(const struct box *boxes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t j = i + 1; j < n; j++)
			if (overlap(&boxes[i], &boxes[j]))
				fail_msg("boxes %zu and %zu overlap", i, j);
}

static void dot_has_a_node_a_child_and_an_edge_to_each(void **state)
{
	struct fixture *fixture = *state;

	fixture_shop(fixture);
	assert_int_equal(SUPCTL(fixture, "graph"), SUPCTL_DONE);
	assert_says(fixture->out, "digraph supd {");
	assert_says(fixture->out, "n0 [label=\"shop\\nrest_for_one, 0 in 0s\"");
	assert_says(fixture->out, "n3 [label=\"app\\nrunning, up 1m05s, 2 restarts\"");
	assert_says(fixture->out, "n4 [label=\"proxy\\nfailed (exec: ENOENT)\"");
	assert_says(fixture->out, "n2 -> n4;");
	assert_int_equal(SUPCTL(fixture, "graph", "--format", "dot"), SUPCTL_DONE);
}

static void mermaid_has_them_too(void **state)
{
	struct fixture *fixture = *state;

	fixture_shop(fixture);
	(void)strcpy(fixture->records[1].name, "d\"b;");
	assert_int_equal(SUPCTL(fixture, "graph", "--format=mermaid"), SUPCTL_DONE);
	assert_says(fixture->out, "flowchart LR\n");
	assert_says(fixture->out, "n1(\"d#34;b#59;<br/>running, up 1m05s\"):::good\n");
	assert_says(fixture->out, "n0 --> n1\n");
}

static void names_cannot_break_out_of_the_picture(void **state)
{
	struct fixture *fixture = *state;

	fixture_shop(fixture);
	(void)strcpy(fixture->records[1].name, "<db>&\"\xff\x01\xc3\xa4");
	assert_int_equal(SUPCTL(fixture, "graph", "--format=svg"), SUPCTL_DONE);
	assert_says(fixture->out, ">&lt;db&gt;&amp;&quot;??\xc3\xa4<");
	(void)strcpy(fixture->records[1].name, "a\"];\\");
	assert_int_equal(SUPCTL(fixture, "graph"), SUPCTL_DONE);
	assert_says(fixture->out, "[label=\"a\\\"];\\\\\\nrunning");
}

static void boxes_do_not_overlap(void **state)
{
	struct fixture *fixture = *state;
	struct box boxes[BOXES_MAX];
	unsigned seed = 7;

	(void)fixture_add(fixture, STATUS_NONE, "root", KIND_SUPERVISOR);
	while (fixture->n < 200) {
		uint32_t parent = (seed = seed * 1103515245 + 12345) / 65536 % fixture->n;
		char name[32];

		while (fixture->records[parent].kind == KIND_PROCESS)
			parent--;
		(void)snprintf(name, sizeof name, "child-%u%s", fixture->n,
			fixture->n % 7 ? "" : "-with-a-longer-name");
		(void)fixture_add(fixture, parent, name,
			fixture->n % 3 == 0 ? KIND_SUPERVISOR : KIND_PROCESS);
	}
	assert_int_equal(SUPCTL(fixture, "graph", "--format=svg"), SUPCTL_DONE);
	assert_int_equal(boxes_of(fixture->out, boxes), 200);
	assert_apart(boxes, 200);
}

static void a_wrong_format_is_told(void **state)
{
	struct fixture *fixture = *state;

	fixture_shop(fixture);
	assert_int_equal(SUPCTL(fixture, "graph", "--format", "sgv"), SUPCTL_USAGE);
	assert_says(fixture->err, "did you mean svg?");
	assert_int_equal(SUPCTL(fixture, "graph", "--json"), SUPCTL_USAGE);
	assert_int_equal(SUPCTL(fixture, "count", "--format", "svg"), SUPCTL_USAGE);
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, fixture_new, fixture_free)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FIXTURE(dot_has_a_node_a_child_and_an_edge_to_each),
		WITH_FIXTURE(mermaid_has_them_too),
		WITH_FIXTURE(names_cannot_break_out_of_the_picture),
		WITH_FIXTURE(boxes_do_not_overlap),
		WITH_FIXTURE(a_wrong_format_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
