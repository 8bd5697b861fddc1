/* clone_into.c - see clone_into.h. The C library has no call for clone3 that lets the child begin
 * on another stack, so the system call and the child's first steps are written out for the two
 * machines that most people have. */
#include "supervisor/os/clone_into.h"

#include <errno.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>

#if defined(__x86_64__)

/* In the child rax is 0 and rsp the top of the new stack; nothing of the caller's frame may be
 * touched. */
static long clone3_call(struct clone_args *args, int (*main)(void *arg), void *arg)
{
	long result;

	__asm__ volatile("syscall\n\t"
			 "test %%rax, %%rax\n\t"
			 "jnz 1f\n\t"
			 "xor %%ebp, %%ebp\n\t"
			 "mov %%rdx, %%rdi\n\t"
			 "call *%%rbx\n\t"
			 "hlt\n"
			 "1:"
			 : "=a"(result)
			 : "0"((long)SYS_clone3), "D"(args), "S"(sizeof(*args)), "b"(main), "d"(arg)
			 : "rcx", "r11", "memory");
	return result;
}

#elif defined(__aarch64__)

static long clone3_call(struct clone_args *args, int (*main)(void *arg), void *arg)
{
	register long x0 __asm__("x0") = (long)args;
	register long x1 __asm__("x1") = (long)sizeof(*args);
	register long x8 __asm__("x8") = SYS_clone3;
	register void *x19 __asm__("x19") = arg;
	register int (*x20)(void *) __asm__("x20") = main;

	__asm__ volatile("svc #0\n\t"
			 "cbnz x0, 1f\n\t"
			 "mov x29, #0\n\t"
			 "mov x30, #0\n\t"
			 "mov x0, x19\n\t"
			 "blr x20\n\t"
			 "brk #1\n"
			 "1:"
			 : "+r"(x0)
			 : "r"(x1), "r"(x8), "r"(x19), "r"(x20)
			 : "memory", "cc");
	return x0;
}

#else

static long clone3_call(struct clone_args *args, int (*main)(void *arg), void *arg)
{
	(void)args;
	(void)main;
	(void)arg;
	return -ENOSYS;
}

#endif

pid_t clone_into(int (*main)(void *arg), void *arg, char *stack, size_t size, int cgroup,
	uint32_t namespaces)
{
	struct clone_args args = {
		.flags = (unsigned long long)(CLONE_VM | CLONE_VFORK) | CLONE_INTO_CGROUP |
			 namespaces,
		.exit_signal = (uint64_t)SIGCHLD,
		.stack = (uint64_t)(uintptr_t)stack,
		.stack_size = size,
		.cgroup = (unsigned)cgroup,
	};

	return (pid_t)clone3_call(&args, main, arg);
}
