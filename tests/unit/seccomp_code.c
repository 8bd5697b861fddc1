/* seccomp_code.c - the binary search among numbers of system calls gives each the answer that was
 * asked for. The instructions are played as the kernel does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdlib.h>

#include "config/seccomp_code.h"

enum { MACHINE = 77, OTHER = 78, STEPS_MAX = 64, TAIL_ANSWER = SECCOMP_RET_ERRNO | 5 };

/* Plays the few instructions that there are; every jump stays inside. */
static uint32_t play(const struct sock_filter *list, size_t n, const struct seccomp_data *data,
	size_t *ret_steps)
{
	uint32_t value = 0;
	size_t at = 0;

	for (*ret_steps = 1; *ret_steps <= STEPS_MAX; ++*ret_steps) {
		const struct sock_filter *now = &list[at++];

		assert_true(at <= n);
		switch (now->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			value = now->k == offsetof(struct seccomp_data, nr) ? (uint32_t)data->nr
									    : data->arch;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			at += value == now->k ? now->jt : now->jf;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			at += value >= now->k ? now->jt : now->jf;
			break;
		case BPF_JMP | BPF_JA:
			at += now->k;
			break;
		case BPF_RET | BPF_K:
			return now->k;
		default:
			fail_msg("an instruction %x", now->code);
		}
	}
	fail_msg("no answer in %d steps", STEPS_MAX);
	return 0;
}

static uint32_t ask(const struct sock_filter *list, size_t n, uint32_t arch, uint32_t number)
{
	const struct seccomp_data data = {.nr = (int)number, .arch = arch};
	size_t steps;

	return play(list, n, &data, &steps);
}

/* Lays it out with a tail of one instruction, and asks for every number. */
static size_t expect_all(const struct seccomp_code *code)
{
	struct sock_filter list[SECCOMP_CODE_ROOM + 1];
	size_t n = seccomp_code_lay(code, list);

	assert_true(n <= SECCOMP_CODE_ROOM);
	list[n++] = (struct sock_filter){.code = BPF_RET | BPF_K, .k = TAIL_ANSWER};
	for (uint32_t i = 0; i < SECCOMP_CODE_CALLS; i++) {
		const uint32_t answer = code->answers[i];

		assert_int_equal(ask(list, n, MACHINE, i),
			answer == SECCOMP_CODE_TAIL ? (uint32_t)TAIL_ANSWER : answer);
		assert_int_equal(ask(list, n, OTHER, i), code->other_arch);
	}
	assert_int_equal(ask(list, n, MACHINE, SECCOMP_CODE_CALLS), code->beyond);
	assert_int_equal(ask(list, n, MACHINE, 0x3fffffff), code->beyond);
#ifdef __x86_64__
	assert_int_equal(ask(list, n, MACHINE, 0x40000000), code->other_arch);
	assert_int_equal(ask(list, n, MACHINE, 0xffffffff), code->other_arch);
#endif
	return n;
}

static struct seccomp_code plain(void)
{
	struct seccomp_code code = {.arch = MACHINE,
		.other_arch = SECCOMP_RET_KILL_PROCESS,
		.beyond = SECCOMP_RET_ERRNO | 38};

	for (size_t i = 0; i < SECCOMP_CODE_CALLS; i++)
		code.answers[i] = SECCOMP_RET_ALLOW;
	return code;
}

static void one_answer_for_all_takes_a_few_instructions(void **state)
{
	struct seccomp_code code = plain();

	(void)state;
	assert_in_range(expect_all(&code), 5, 10);
}

static void each_number_has_an_answer_of_its_own(void **state)
{
	struct seccomp_code code = plain();

	(void)state;
	for (uint32_t i = 0; i < SECCOMP_CODE_CALLS; i++)
		code.answers[i] = SECCOMP_RET_ERRNO | (i + 1);
	(void)expect_all(&code);
}

static void some_hundred_mixed_answers(void **state)
{
	struct seccomp_code code = plain();
	static const uint32_t ANSWERS[] = {
		SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO | 1, SECCOMP_CODE_TAIL, SECCOMP_RET_LOG};

	(void)state;
	srandom(1);
	for (int round = 0; round < 40; round++) {
		const long rare = 1 + random() % 64;

		for (uint32_t i = 0; i < SECCOMP_CODE_CALLS; i++)
			code.answers[i] =
				random() % rare == 0 ? ANSWERS[random() % 4] : SECCOMP_RET_ALLOW;
		(void)expect_all(&code);
	}
}

static void an_answer_is_near(void **state)
{
	struct seccomp_code code = plain();
	struct sock_filter list[SECCOMP_CODE_ROOM];
	size_t most = 0;
	size_t n;

	(void)state;
	for (uint32_t i = 0; i < SECCOMP_CODE_CALLS; i += 2)
		code.answers[i] = SECCOMP_RET_ERRNO | 1;
	n = seccomp_code_lay(&code, list);
	for (int i = 0; i < SECCOMP_CODE_CALLS; i++) {
		const struct seccomp_data data = {.nr = i, .arch = MACHINE};
		size_t steps;

		(void)play(list, n, &data, &steps);
		most = steps > most ? steps : most;
	}
	assert_in_range(most, 1, 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_answer_for_all_takes_a_few_instructions),
		cmocka_unit_test(each_number_has_an_answer_of_its_own),
		cmocka_unit_test(some_hundred_mixed_answers),
		cmocka_unit_test(an_answer_is_near),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
