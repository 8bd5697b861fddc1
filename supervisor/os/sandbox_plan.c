/* sandbox_plan.c - a sandbox before the fork, and after it: what supd may do, and what to tell. */
#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "supervisor/os/child_setup.h"
#include "supervisor/os/log.h"
#include "supervisor/wire/stages.h"

enum { CAPS = 64 };

void sandbox_ask_rights(struct sandbox_rights *rights)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{0}};

	if (rights->asked)
		return;
	rights->asked = true;
	if (syscall(SYS_capget, &header, data) == 0) {
		rights->admin = (data[0].effective & (1u << CAP_SYS_ADMIN)) != 0;
		rights->permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
	}
	for (int i = 0; i < CAPS; i++) {
		if (prctl(PR_CAPBSET_READ, i, 0, 0, 0) == 1)
			rights->bounding |= UINT64_C(1) << i;
	}
}

static enum sandbox_user when(
	const struct sandbox_spec *sandbox, const struct sandbox_rights *rights)
{
	const bool named = (sandbox->named & CLONE_NEWUSER) != 0;

	if (rights->admin)
		return named ? SANDBOX_USER_LAST : SANDBOX_USER_NONE;
	return sandbox->namespaces != 0 ? SANDBOX_USER_FIRST : SANDBOX_USER_NONE;
}

void sandbox_plan(struct sandbox_plan *plan, const struct sandbox_rights *rights)
{
	plan->user = when(plan->sandbox, rights);
	plan->bounding = rights->bounding;
	plan->unshare = plan->sandbox->namespaces & ~(uint32_t)(CLONE_NEWUSER | CLONE_NEWPID);
	if (plan->join == 0 && (plan->sandbox->namespaces & CLONE_NEWPID))
		plan->born = CLONE_NEWPID |
			     (plan->user == SANDBOX_USER_FIRST ? (uint32_t)CLONE_NEWUSER : 0);
}

static void give_up(struct sandbox_plan *plan, int error, struct sandbox_result *result)
{
	plan->born = 0;
	plan->given_up |= SANDBOX_BIT(SANDBOX_NAMESPACES);
	result->skipped |= SANDBOX_BIT(SANDBOX_NAMESPACES);
	result->error[SANDBOX_NAMESPACES] = error;
}

bool sandbox_unborn(struct sandbox_plan *plan, int error, struct sandbox_result *result)
{
	if (!plan->sandbox->optional || error == EAGAIN || error == ENOMEM)
		return false;
	give_up(plan, error, result);
	return true;
}

char *sandbox_place(const struct spec *spec, uint32_t node, unsigned stage, char *buf, size_t size)
{
	const uint32_t offset = spec_node(spec, node)->kind == KIND_PROCESS
					? spec_proc(spec, node)->sandbox
					: SPEC_NONE;
	const struct sandbox_place *place;

	buf[0] = '\0';
	if (offset == SPEC_NONE || stage < STAGE_SANDBOX_SECCOMP ||
		stage > STAGE_SANDBOX_LANDLOCK_WRITE)
		return buf;
	place = &spec_sandbox(spec, offset)->place[stage - STAGE_SANDBOX_SECCOMP];
	if (place->file != SPEC_NONE)
		(void)snprintf(buf, size, "%s:%u", spec_str(spec, place->file), place->line);
	return buf;
}

void sandbox_tell_skipped(const struct sandbox_plan *plan, const struct sandbox_result *result)
{
	for (unsigned key = 0; key < SANDBOX_KEY_COUNT; key++) {
		const struct sandbox_place *place = &plan->sandbox->place[key];

		if (result->skipped & SANDBOX_BIT(key))
			log_message(LOG_WARNING, plan->path,
				"sandbox: %s is not enforced: %s (%s:%u)",
				spec_sandbox_key_name(key), strerror(result->error[key]),
				spec_str(plan->spec, place->file), place->line);
	}
}
