/* sandbox_caps.c - capabilities and securebits (capabilities(7)), in the child.
 *
 * `capabilities` are those that the process, and whatever it becomes, may have: the bounding set.
 * Who may not lower it gets no_new_privs in its place: it has none but those of the list, and
 * cannot gain any by running a program. */
#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "supervisor/os/sandbox_run.h"

enum { CAPS = 64 };

struct caps {
	uint64_t effective;
	uint64_t permitted;
	uint64_t inheritable;
};

CHILD_ONLY static int get_caps(struct caps *ret)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, data) < 0)
		return -1;
	ret->effective = data[0].effective | (uint64_t)data[1].effective << 32;
	ret->permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
	ret->inheritable = data[0].inheritable | (uint64_t)data[1].inheritable << 32;
	return 0;
}

CHILD_ONLY static int set_caps(const struct caps *caps)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	const struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {
		{(uint32_t)caps->effective, (uint32_t)caps->permitted, (uint32_t)caps->inheritable},
		{(uint32_t)(caps->effective >> 32), (uint32_t)(caps->permitted >> 32),
			(uint32_t)(caps->inheritable >> 32)},
	};

	return syscall(SYS_capset, &header, data) < 0 ? -1 : 0;
}

CHILD_ONLY static void bound(struct sandbox_run *run, uint64_t keep)
{
	for (int i = 0; i < CAPS; i++) {
		if ((keep >> i) & 1)
			continue;
		const int there = prctl(PR_CAPBSET_READ, i, 0, 0, 0);
		/* Beyond the last one that this kernel has. */
		if (there < 0)
			return;
		if (there == 0 || prctl(PR_CAPBSET_DROP, i, 0, 0, 0) == 0)
			continue;
		sandbox_no_new_privs(run, SANDBOX_CAPABILITIES);
		return;
	}
}

/* Returns false when they cannot be had, and that is tolerated. */
CHILD_ONLY static bool raise_ambient(struct sandbox_run *run, struct caps *caps)
{
	const uint64_t before = caps->inheritable;
	bool good = (run->to->ambient & ~caps->permitted) == 0;

	errno = EPERM;
	caps->inheritable = run->to->ambient;
	good = good && set_caps(caps) == 0;
	for (int i = 0; good && i < CAPS; i++) {
		if ((run->to->ambient >> i) & 1)
			good = prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, i, 0, 0) == 0;
	}
	if (good)
		return true;
	caps->inheritable = before;
	sandbox_failed(run, SANDBOX_AMBIENT);
	return false;
}

/* The kernel refuses to keep what is not there, and forgets the effective ones of a former root. */
CHILD_ONLY void sandbox_capabilities(struct sandbox_run *run)
{
	const bool limited = sandbox_wants(run, SANDBOX_CAPABILITIES);
	const bool own_root = run->in_user && run->plan->uid == 0;
	uint64_t keep = limited ? run->to->capabilities : UINT64_MAX;
	struct caps caps;

	if (!limited && !own_root && !sandbox_wants(run, SANDBOX_AMBIENT) &&
		!sandbox_wants(run, SANDBOX_SECUREBITS))
		return;
	/* Over its own namespaces root gets no more than supd may have. */
	if (run->in_user)
		keep &= run->plan->bounding;
	if (get_caps(&caps) < 0) {
		sandbox_failed_all(run, SANDBOX_BIT(SANDBOX_CAPABILITIES) |
						SANDBOX_BIT(SANDBOX_AMBIENT) |
						SANDBOX_BIT(SANDBOX_SECUREBITS));
		return;
	}
	caps.effective = caps.permitted;
	(void)set_caps(&caps);
	if (keep != UINT64_MAX)
		bound(run, keep);
	caps.inheritable &= keep;
	if (sandbox_wants(run, SANDBOX_AMBIENT))
		(void)raise_ambient(run, &caps);
	if (sandbox_wants(run, SANDBOX_SECUREBITS) &&
		prctl(PR_SET_SECUREBITS, run->to->securebits, 0, 0, 0) < 0)
		sandbox_failed(run, SANDBOX_SECUREBITS);
	caps.permitted &= keep;
	caps.effective = geteuid() == 0 ? caps.permitted : 0;
	if (set_caps(&caps) < 0 && limited)
		sandbox_failed(run, SANDBOX_CAPABILITIES);
}
