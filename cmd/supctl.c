/* supctl.c - the client of supd. Everything lies in supctl_run, so that tests can call it too. */
#include "cmd/supctl.h"

#include <sys/syscall.h>

#include "cmd/self_filter.h"

/* It reads what others wrote, often as root: what no client needs, it cannot do. Its helpers
 * neither. Where the kernel has no filters it goes without. */
static void confine(void)
{
	static const int CALLS[] = {
		SYS_ptrace,
		SYS_process_vm_readv,
		SYS_process_vm_writev,
		SYS_kcmp,
		SYS_bpf,
		SYS_perf_event_open,
		SYS_userfaultfd,
		SYS_io_uring_setup,
		SYS_keyctl,
		SYS_add_key,
		SYS_request_key,
		SYS_mount,
		SYS_umount2,
		SYS_pivot_root,
		SYS_chroot,
		SYS_open_tree,
		SYS_move_mount,
		SYS_fsopen,
		SYS_setns,
		SYS_unshare,
		SYS_init_module,
		SYS_finit_module,
		SYS_delete_module,
		SYS_kexec_load,
		SYS_reboot,
		SYS_swapon,
		SYS_swapoff,
		SYS_settimeofday,
		SYS_clock_settime,
		SYS_setuid,
		SYS_setgid,
		SYS_setreuid,
		SYS_setregid,
		SYS_setresuid,
		SYS_setresgid,
		SYS_setgroups,
		SYS_capset,
	};

/* The leak check of a sanitizer traces. */
#ifndef __SANITIZE_ADDRESS__
	(void)self_filter_deny(CALLS, sizeof(CALLS) / sizeof(CALLS[0]));
#else
	(void)CALLS;
#endif
}

int main(int argc, char **argv)
{
	confine();
	return supctl_run(argc, argv);
}
