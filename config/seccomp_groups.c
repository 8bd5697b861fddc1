/* seccomp_groups.c - system calls by what they are for.
 *
 * The question behind each group is what an attacker could do with it. A call stands in one group
 * alone. Names that the C library or the kernel of a machine does not know are passed over there.
 */
#include "config/seccomp_groups.h"

#include <string.h>

/* clang-format off */

/* What any program needs to run at all, the dynamic loader and the C library included. */
static const char *const BASE[] = {
	"arch_prctl", "brk", "clock_getres", "clock_getres_time64", "clock_gettime", "clock_gettime64",
	"clock_nanosleep", "clock_nanosleep_time64", "close", "close_range", "dup", "dup2", "dup3",
	"execve", "exit", "exit_group", "fcntl", "fcntl64", "futex", "futex_requeue", "futex_time64",
	"futex_wait", "futex_waitv", "futex_wake",
	"get_robust_list", "get_thread_area", "getcpu", "getegid", "getegid32", "geteuid", "geteuid32",
	"getgid", "getgid32", "getgroups", "getgroups32", "getpgid", "getpgrp", "getpid", "getppid",
	"getpriority", "getrandom", "getresgid", "getresgid32", "getresuid", "getresuid32", "getrlimit",
	"getrusage", "getsid", "gettid", "gettimeofday", "getuid", "getuid32", "ioctl", "lseek", "_llseek",
	"madvise", "map_shadow_stack", "membarrier", "mmap", "mmap2", "mprotect", "mremap", "msync", "munmap", "nanosleep",
	"pause", "poll", "ppoll", "ppoll_time64", "prctl", "pread64", "preadv", "preadv2", "prlimit64",
	"pselect6", "pselect6_time64", "pwrite64", "pwritev", "pwritev2", "read", "readv",
	"restart_syscall", "rseq", "rt_sigaction", "rt_sigpending", "rt_sigprocmask", "rt_sigreturn",
	"rt_sigsuspend", "rt_sigtimedwait", "rt_sigtimedwait_time64", "sched_getaffinity",
	"sched_yield", "select", "_newselect", "set_robust_list", "set_thread_area", "set_tid_address",
	"set_tls", "sigaltstack", "sigreturn", "time", "times", "ugetrlimit", "umask", "uname", "write",
	"writev", NULL};

/* Looking at files. */
static const char *const FILES[] = {
	"access", "cachestat", "chdir", "copy_file_range", "faccessat", "faccessat2", "fadvise64", "fadvise64_64",
	"fchdir", "fgetxattr", "flistxattr", "fstat", "fstat64", "fstatat64", "fstatfs", "fstatfs64",
	"getcwd", "getdents", "getdents64", "getxattr", "inotify_add_watch", "inotify_init",
	"inotify_init1", "inotify_rm_watch", "lgetxattr", "listxattr", "llistxattr", "lstat", "lstat64",
	"newfstatat", "open", "openat", "openat2", "readahead", "readlink", "readlinkat", "sendfile",
	"sendfile64", "splice", "stat", "stat64", "statfs", "statfs64", "statx", "tee", "vmsplice", NULL};

/* Making, changing and removing them. */
static const char *const CHANGE_FILES[] = {
	"chmod", "chown", "chown32", "creat", "fallocate", "fchmod", "fchmodat", "fchmodat2", "fchown",
	"fchown32", "fchownat", "fdatasync", "flock", "fremovexattr", "fsetxattr", "fsync", "ftruncate",
	"ftruncate64", "futimesat", "lchown", "lchown32", "link", "linkat", "lremovexattr", "lsetxattr",
	"mkdir", "mkdirat", "mknod", "mknodat", "removexattr", "rename", "renameat", "renameat2", "rmdir",
	"setxattr", "symlink", "symlinkat", "sync", "sync_file_range", "syncfs", "truncate", "truncate64",
	"unlink", "unlinkat", "utime", "utimensat", "utimensat_time64", "utimes", NULL};

/* Threads and processes of its own. */
static const char *const PROCESS[] = {
	"clone", "clone3", "execveat", "fork", "kill", "pidfd_open", "pidfd_send_signal",
	"process_madvise", "process_mrelease", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "setpgid",
	"setsid", "tgkill", "tkill", "vfork", "wait4", "waitid", "waitpid", NULL};

/* Waiting for events, and timers. */
static const char *const EVENTS[] = {
	"alarm", "epoll_create", "epoll_create1", "epoll_ctl", "epoll_pwait", "epoll_pwait2",
	"epoll_wait", "eventfd", "eventfd2", "getitimer", "setitimer", "signalfd", "signalfd4",
	"timer_create", "timer_delete", "timer_getoverrun", "timer_gettime", "timer_gettime64",
	"timer_settime", "timer_settime64", "timerfd_create", "timerfd_gettime", "timerfd_gettime64",
	"timerfd_settime", "timerfd_settime64", NULL};

/* Talking to other processes of the machine, sockets aside. */
static const char *const IPC[] = {
	"ipc", "memfd_create", "memfd_secret", "mq_getsetattr", "mq_notify", "mq_open", "mq_timedreceive",
	"mq_timedreceive_time64", "mq_timedsend", "mq_timedsend_time64", "mq_unlink", "msgctl", "msgget",
	"msgrcv", "msgsnd", "pipe", "pipe2", "semctl", "semget", "semop", "semtimedop",
	"semtimedop_time64", "shmat", "shmctl", "shmdt", "shmget", NULL};

/* Sockets, but for those that others connect to. The profiles allow `socket` only for the families
 * that they name. */
static const char *const SOCKETS[] = {
	"bind", "connect", "getpeername", "getsockname", "getsockopt", "recv", "recvfrom", "recvmmsg",
	"recvmmsg_time64", "recvmsg", "send", "sendmmsg", "sendmsg", "sendto", "setsockopt", "shutdown",
	"socket", "socketcall", "socketpair", NULL};
static const char *const LISTEN[] = {"accept", "accept4", "listen", NULL};

/* Becoming somebody else, or less: dropping privileges is what they are mostly for. */
static const char *const IDENTITY[] = {
	"capget", "capset", "chroot", "landlock_add_rule", "landlock_create_ruleset",
	"landlock_restrict_self", "seccomp", "setfsgid", "setfsgid32", "setfsuid", "setfsuid32", "setgid",
	"setgid32", "setgroups", "setgroups32", "setregid", "setregid32", "setresgid", "setresgid32",
	"setresuid", "setresuid32", "setreuid", "setreuid32", "setuid", "setuid32", NULL};

/* Its share of the machine. */
static const char *const RESOURCES[] = {
	"get_mempolicy", "ioprio_get", "ioprio_set", "mbind", "migrate_pages", "mincore", "mlock",
	"mlock2", "mlockall", "move_pages", "munlock", "munlockall", "remap_file_pages",
	"sched_get_priority_max", "sched_get_priority_min", "sched_getattr", "sched_getparam",
	"sched_getscheduler", "sched_rr_get_interval", "sched_rr_get_interval_time64",
	"sched_setaffinity", "sched_setattr", "sched_setparam", "sched_setscheduler", "set_mempolicy",
	"set_mempolicy_home_node", "setpriority", "setrlimit", "pkey_alloc", "pkey_free",
	"pkey_mprotect", "sysinfo", NULL};

/* ---- what the profiles leave out */

static const char *const ASYNC_IO[] = {
	"io_cancel", "io_destroy", "io_getevents", "io_pgetevents", "io_pgetevents_time64", "io_setup",
	"io_submit", "io_uring_enter", "io_uring_register", "io_uring_setup", NULL};
static const char *const NAMESPACES[] = {"setns", "unshare", NULL};
static const char *const MOUNT[] = {
	"fsconfig", "fsmount", "fsopen", "fspick", "mount", "mount_setattr", "move_mount", "open_tree",
	"pivot_root", "umount", "umount2", NULL};
/* Looking into other processes, or into the kernel. */
static const char *const DEBUG[] = {
	"bpf", "fanotify_init", "fanotify_mark", "kcmp", "lookup_dcookie", "name_to_handle_at",
	"open_by_handle_at", "perf_event_open", "pidfd_getfd", "process_vm_readv", "process_vm_writev",
	"ptrace", "syslog", "userfaultfd", NULL};
static const char *const KEYRING[] = {"add_key", "keyctl", "request_key", NULL};
static const char *const CLOCK[] = {
	"adjtimex", "clock_adjtime", "clock_adjtime64", "clock_settime", "clock_settime64",
	"settimeofday", "stime", NULL};
/* The machine as a whole, and what no kernel has any more. */
static const char *const SYSTEM[] = {
	"_sysctl", "acct", "afs_syscall", "create_module", "delete_module", "epoll_ctl_old",
	"epoll_wait_old", "finit_module", "get_kernel_syms", "getpmsg", "init_module", "ioperm", "iopl",
	"kexec_file_load", "kexec_load", "modify_ldt", "nfsservctl", "personality", "putpmsg",
	"query_module", "quotactl", "quotactl_fd", "reboot", "security", "setdomainname", "sethostname",
	"swapoff", "swapon", "sysfs", "tuxcall", "uselib", "ustat", "vhangup", "vm86", "vm86old",
	"vserver", NULL};

/* ---- profiles */

static const char *const SERVICE[] = {
	"@base", "@files", "@change-files", "@process", "@events", "@ipc", "@sockets", "@listen",
	"@identity", "@resources", NULL};
static const char *const NETWORK_CLIENT[] = {
	"@base", "@files", "@change-files", "@process", "@events", "@ipc", "@sockets", "@resources",
	NULL};
static const char *const COMPUTE[] = {
	"@base", "@files", "@change-files", "@process", "@events", "@ipc", "@sockets", "@resources",
	NULL};

const struct seccomp_group SECCOMP_GROUPS[] = {
	{"@service", true, SERVICE},
	{"@network-client", true, NETWORK_CLIENT},
	{"@compute", true, COMPUTE},
	{"@base", false, BASE},
	{"@files", false, FILES},
	{"@change-files", false, CHANGE_FILES},
	{"@process", false, PROCESS},
	{"@events", false, EVENTS},
	{"@ipc", false, IPC},
	{"@sockets", false, SOCKETS},
	{"@listen", false, LISTEN},
	{"@identity", false, IDENTITY},
	{"@resources", false, RESOURCES},
	{"@async-io", false, ASYNC_IO},
	{"@namespaces", false, NAMESPACES},
	{"@mount", false, MOUNT},
	{"@debug", false, DEBUG},
	{"@keyring", false, KEYRING},
	{"@clock", false, CLOCK},
	{"@system", false, SYSTEM},
};
/* clang-format on */
const size_t SECCOMP_GROUPS_N = sizeof(SECCOMP_GROUPS) / sizeof(SECCOMP_GROUPS[0]);

const struct seccomp_group *seccomp_group_find(const char *name)
{
	for (size_t i = 0; i < SECCOMP_GROUPS_N; i++) {
		if (strcmp(SECCOMP_GROUPS[i].name, name) == 0)
			return &SECCOMP_GROUPS[i];
	}
	return NULL;
}
