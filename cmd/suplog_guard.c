/* suplog_guard.c - what the logger gives up once it has what it needs.
 *
 * It reads what programs write that may be anybody's, so it shall be able to do little: write
 * files, and read pipes that it was given. As root it keeps the capabilities that other people's
 * files need; no system call is left that is not in the list below. */
#include <assert.h>
#include <errno.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cmd/suplog.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

#if defined(__x86_64__)
#define GUARD_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define GUARD_ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define GUARD_ARCH AUDIT_ARCH_RISCV64
#endif

static const unsigned calls[] = {
	/* the loop */
	SYS_epoll_pwait,
	SYS_epoll_ctl,
	SYS_read,
	SYS_write,
	SYS_writev,
	SYS_splice,
	SYS_tee,
	SYS_ioctl,
	SYS_clock_gettime,
	SYS_recvmsg,
	SYS_recvfrom,
	SYS_sendmsg,
	SYS_sendto,
	SYS_accept4,
	SYS_getsockopt,
	SYS_close,
	SYS_ppoll,
	/* files */
	SYS_openat,
	SYS_fstat,
	SYS_newfstatat,
	SYS_statx,
	SYS_ftruncate,
	SYS_fallocate,
	SYS_fchmod,
	SYS_fchown,
	SYS_renameat2,
	SYS_unlinkat,
	SYS_getdents64,
	SYS_lseek,
	SYS_fcntl,
	SYS_faccessat,
	/* memory, and the end */
	SYS_mmap,
	SYS_munmap,
	SYS_mremap,
	SYS_brk,
	SYS_madvise,
	SYS_mprotect,
	SYS_futex,
	SYS_getrandom,
	SYS_exit_group,
	SYS_exit,
	SYS_rt_sigreturn,
	SYS_restart_syscall,
	SYS_getpid,
	SYS_gettid,
	SYS_tgkill,
	SYS_rt_sigprocmask,
#ifdef SYS_open
	SYS_open,
	SYS_stat,
	SYS_lstat,
	SYS_rename,
	SYS_unlink,
	SYS_access,
	SYS_epoll_wait,
	SYS_poll,
#endif
#ifdef SYS_renameat
	SYS_renameat,
#endif
};

/* And what starting another program takes, which inherits the filter. */
static const unsigned exec_calls[] = {
	SYS_clone,
	SYS_execve,
	SYS_wait4,
	SYS_pidfd_open,
	SYS_prctl,
	SYS_setpriority,
	SYS_dup3,
	SYS_rt_sigaction,
	SYS_set_tid_address,
	SYS_set_robust_list,
	SYS_prlimit64,
	SYS_pread64,
	SYS_fchownat,
	SYS_fchmodat,
	SYS_utimensat,
	SYS_fadvise64,
	SYS_uname,
	SYS_clone3,
	SYS_sched_getaffinity,
	SYS_sched_yield,
	SYS_sysinfo,
	SYS_getuid,
	SYS_geteuid,
	SYS_getgid,
	SYS_getegid,
	SYS_fsync,
	SYS_fdatasync,
	SYS_readlinkat,
	SYS_sigaltstack,
	SYS_getppid,
	SYS_umask,
#ifdef SYS_rseq
	SYS_rseq,
#endif
#ifdef SYS_open
	SYS_fork,
	SYS_vfork,
	SYS_dup2,
	SYS_chmod,
	SYS_chown,
	SYS_readlink,
	SYS_arch_prctl,
	SYS_getrlimit,
	SYS_utime,
#endif
};

enum { PROGRAM_MOST = 160 };

static unsigned add_calls(struct sock_filter *at, unsigned n, const unsigned *list, size_t list_n)
{
	for (size_t i = 0; i < list_n; i++) {
		at[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, list[i], 0, 1);
		at[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	}
	return n;
}

/* Everything that is not in the lists is refused with EPERM. */
static int filter(bool may_exec)
{
#ifdef GUARD_ARCH
	struct sock_filter code[2 * PROGRAM_MOST];
	struct sock_fprog program = {.filter = code};
	unsigned n = 0;

	static_assert(ARRAY_LEN(calls) + ARRAY_LEN(exec_calls) + 4 < PROGRAM_MOST, "it has room");
	code[n++] = (struct sock_filter)BPF_STMT(
		BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
	code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, GUARD_ARCH, 1, 0);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
	code[n++] = (struct sock_filter)BPF_STMT(
		BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	n = add_calls(code, n, calls, ARRAY_LEN(calls));
	if (may_exec)
		n = add_calls(code, n, exec_calls, ARRAY_LEN(exec_calls));
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
	program.len = (unsigned short)n;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0 ? -errno : 0;
#else
	(void)may_exec;
	(void)add_calls;
	return 0;
#endif
}

/* Files of other people, and larger pipes than their share. */
static int keep_capabilities(void)
{
	const uint32_t kept = 1u << CAP_CHOWN | 1u << CAP_DAC_OVERRIDE | 1u << CAP_FOWNER |
			      1u << CAP_FSETID | 1u << CAP_SYS_RESOURCE;
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data) < 0)
		return -errno;
	data[0].effective &= kept;
	data[0].permitted &= kept;
	data[0].inheritable = 0;
	data[1] = (struct __user_cap_data_struct){0};
	return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

static int become_user(const struct options *options)
{
	if (setgroups(0, NULL) < 0)
		return -errno;
	if (options->group != (gid_t)LOG_NO_ID &&
		setresgid(options->group, options->group, options->group) < 0)
		return -errno;
	if (setresuid(options->user, options->user, options->user) < 0)
		return -errno;
	return 0;
}

int guard_drop(struct suplog *s, const char **ret_what)
{
	int rc = 0;

	s->guarded = true;
	*ret_what = "become another user";
	if (s->options.user != (uid_t)LOG_NO_ID)
		rc = become_user(&s->options);
	if (rc < 0)
		return rc;
	*ret_what = "give up capabilities";
	rc = keep_capabilities();
	if (rc < 0)
		return rc;
	*ret_what = "set no_new_privs";
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	*ret_what = "filter system calls";
	if (!s->options.seccomp) {
		s->may_exec = true;
		return 0;
	}
	rc = filter(s->may_exec);
	/* A kernel without filters, or somebody else's filter that forbids ours. */
	if (rc == -EINVAL || rc == -EPERM || rc == -ENOSYS) {
		s->may_exec = true;
		return 0;
	}
	return rc;
}
