/* self_filter.c - a filter that a program puts on itself.
 *
 * A chain of comparisons, in the order of the list: for the few calls that it is meant for that is
 * good enough, and it needs no library. */
#include "cmd/self_filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CALLS_MAX = 64, AROUND = 6 };

#if defined(__x86_64__)
#define OWN_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OWN_ARCH AUDIT_ARCH_AARCH64
#endif

#ifdef OWN_ARCH

static struct sock_filter load(size_t offset)
{
	return (struct sock_filter){.code = BPF_LD | BPF_W | BPF_ABS, .k = (uint32_t)offset};
}

/* Over as many instructions as jt or jf say. */
static struct sock_filter equal(uint32_t value, size_t jt, size_t jf)
{
	return (struct sock_filter){.code = BPF_JMP | BPF_JEQ | BPF_K,
		.jt = (uint8_t)jt,
		.jf = (uint8_t)jf,
		.k = value};
}

static struct sock_filter give(uint32_t result)
{
	return (struct sock_filter){.code = BPF_RET | BPF_K, .k = result};
}

static int install(const int *calls, size_t n, bool allow)
{
	struct sock_filter list[CALLS_MAX + AROUND];
	struct sock_fprog program = {.filter = list};
	size_t at = 0;

	if (n > CALLS_MAX)
		return -E2BIG;
	list[at++] = load(offsetof(struct seccomp_data, arch));
	list[at++] = equal(OWN_ARCH, 1, 0);
	list[at++] = give(SECCOMP_RET_KILL_PROCESS);
	list[at++] = load(offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < n; i++)
		list[at++] = equal((uint32_t)calls[i], n - i, 0);
	list[at++] = give(allow ? SECCOMP_RET_ERRNO | EPERM : SECCOMP_RET_ALLOW);
	list[at++] = give(allow ? SECCOMP_RET_ALLOW : SECCOMP_RET_ERRNO | EPERM);
	program.len = (unsigned short)at;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
		syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
		return -errno;
	return 0;
}

#else

static int install(const int *calls, size_t n, bool allow)
{
	(void)calls;
	(void)n;
	(void)allow;
	return -ENOSYS;
}

#endif

int self_filter_allow(const int *calls, size_t n)
{
	return install(calls, n, true);
}

int self_filter_deny(const int *calls, size_t n)
{
	return install(calls, n, false);
}
