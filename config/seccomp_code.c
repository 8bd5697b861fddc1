/* seccomp_code.c - a filter of system calls by their numbers, as a binary search. */
#include "config/seccomp_code.h"

#include <linux/seccomp.h>

/* The numbers of x86's x32 have this bit, and are those of another machine. */
#ifdef __x86_64__
enum { OTHER_NUMBERS = 0x40000000 };
#endif

enum { RANGES_MAX = SECCOMP_CODE_CALLS + 2, DEPTH_MAX = 16, JUMP_MAX = 255 };
_Static_assert(RANGES_MAX < 1 << DEPTH_MAX, "a tree of all ranges is not deeper");

/* The numbers from its first one to that of the next range. */
struct range {
	uint32_t first;
	uint32_t answer;
};

struct tree {
	struct range ranges[RANGES_MAX];
	size_t n;
	size_t size[RANGES_MAX + 1]; /* of the code for so many ranges */
};

static void add(struct tree *tree, uint32_t first, uint32_t answer)
{
	if (tree->n == 0 || tree->ranges[tree->n - 1].answer != answer)
		tree->ranges[tree->n++] = (struct range){first, answer};
}

static void find_ranges(const struct seccomp_code *code, struct tree *tree)
{
	for (uint32_t i = 0; i < SECCOMP_CODE_CALLS; i++)
		add(tree, i, code->answers[i]);
	add(tree, SECCOMP_CODE_CALLS, code->beyond);
#ifdef __x86_64__
	add(tree, OTHER_NUMBERS, code->other_arch);
#endif
}

/* How a branch of n ranges begins: one instruction, or two where the jump over its lower half is
 * longer than one can say. */
static size_t branch_size(const struct tree *tree, size_t n)
{
	return tree->size[n / 2] > JUMP_MAX ? 2 : 1;
}

static void find_sizes(struct tree *tree)
{
	tree->size[1] = 1;
	for (size_t n = 2; n <= tree->n; n++)
		tree->size[n] = branch_size(tree, n) + tree->size[n / 2] + tree->size[n - n / 2];
}

/* "From this number on, over as much." Returns how many instructions. */
static size_t lay_branch(uint32_t from, size_t over, struct sock_filter *to)
{
	if (over <= JUMP_MAX) {
		to[0] = (struct sock_filter){
			.code = BPF_JMP | BPF_JGE | BPF_K, .jt = (uint8_t)over, .jf = 0, .k = from};
		return 1;
	}
	to[0] = (struct sock_filter){
		.code = BPF_JMP | BPF_JGE | BPF_K, .jt = 0, .jf = 1, .k = from};
	to[1] = (struct sock_filter){.code = BPF_JMP | BPF_JA, .k = (uint32_t)over};
	return 2;
}

static struct sock_filter leaf(uint32_t answer, size_t at, size_t end)
{
	if (answer == SECCOMP_CODE_TAIL)
		return (struct sock_filter){
			.code = BPF_JMP | BPF_JA, .k = (uint32_t)(end - at - 1)};
	return (struct sock_filter){.code = BPF_RET | BPF_K, .k = answer};
}

/* A branch, then its lower half, then its upper one, each in the same way. */
static size_t lay_tree(const struct tree *tree, struct sock_filter *to, size_t at)
{
	const size_t end = at + tree->size[tree->n];
	struct {
		size_t first;
		size_t n;
	} waiting[DEPTH_MAX + 1] = {{0, tree->n}};
	size_t depth = 1;

	while (depth > 0) {
		const size_t first = waiting[depth - 1].first;
		const size_t n = waiting[depth - 1].n;

		depth--;
		if (n == 1) {
			to[at] = leaf(tree->ranges[first].answer, at, end);
			at++;
			continue;
		}
		/* A jump of two instructions jumps from its second, and is jumped over by one. */
		at += lay_branch(tree->ranges[first + n / 2].first, tree->size[n / 2], to + at);
		waiting[depth].first = first + n / 2;
		waiting[depth++].n = n - n / 2;
		waiting[depth].first = first;
		waiting[depth++].n = n / 2;
	}
	return at;
}

static struct sock_filter load(size_t offset)
{
	return (struct sock_filter){.code = BPF_LD | BPF_W | BPF_ABS, .k = (uint32_t)offset};
}

size_t seccomp_code_lay(
	const struct seccomp_code *code, struct sock_filter to[static SECCOMP_CODE_ROOM])
{
	struct tree tree = {.n = 0};
	size_t at = 0;

	find_ranges(code, &tree);
	find_sizes(&tree);
	to[at++] = load(offsetof(struct seccomp_data, arch));
	to[at++] = (struct sock_filter){
		.code = BPF_JMP | BPF_JEQ | BPF_K, .jt = 1, .jf = 0, .k = code->arch};
	to[at++] = (struct sock_filter){.code = BPF_RET | BPF_K, .k = code->other_arch};
	to[at++] = load(offsetof(struct seccomp_data, nr));
	return lay_tree(&tree, to, at);
}
