/* privileges.c - names of capabilities, securebits and namespaces. */
#include "config/privileges.h"

#include <linux/securebits.h>
#include <sched.h>
#include <string.h>
#include <strings.h>

#include "config/units.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* By number (capabilities(7)). */
/* clang-format off */
static const char *const CAPABILITIES[] = {
	"chown", "dac_override", "dac_read_search", "fowner", "fsetid", "kill", "setgid", "setuid",
	"setpcap", "linux_immutable", "net_bind_service", "net_broadcast", "net_admin", "net_raw",
	"ipc_lock", "ipc_owner", "sys_module", "sys_rawio", "sys_chroot", "sys_ptrace", "sys_pacct",
	"sys_admin", "sys_boot", "sys_nice", "sys_resource", "sys_time", "sys_tty_config", "mknod",
	"lease", "audit_write", "audit_control", "setfcap", "mac_override", "mac_admin", "syslog",
	"wake_alarm", "block_suspend", "audit_read", "perfmon", "bpf", "checkpoint_restore",
};
/* clang-format on */

struct word {
	const char *name;
	uint32_t value;
};

static const struct word SECUREBITS[] = {
	{"noroot", SECBIT_NOROOT},
	{"noroot_locked", SECBIT_NOROOT_LOCKED},
	{"no_setuid_fixup", SECBIT_NO_SETUID_FIXUP},
	{"no_setuid_fixup_locked", SECBIT_NO_SETUID_FIXUP_LOCKED},
	{"keep_caps", SECBIT_KEEP_CAPS},
	{"keep_caps_locked", SECBIT_KEEP_CAPS_LOCKED},
	{"no_cap_ambient_raise", SECBIT_NO_CAP_AMBIENT_RAISE},
	{"no_cap_ambient_raise_locked", SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED},
};

static const struct word NAMESPACES[] = {
	{"mount", CLONE_NEWNS},
	{"network", CLONE_NEWNET},
	{"uts", CLONE_NEWUTS},
	{"ipc", CLONE_NEWIPC},
	{"pid", CLONE_NEWPID},
	{"user", CLONE_NEWUSER},
	{"cgroup", CLONE_NEWCGROUP},
};

int capability_number(const char *name)
{
	if (strncasecmp(name, "cap_", 4) == 0)
		name += 4;
	for (size_t i = 0; i < ARRAY_LEN(CAPABILITIES); i++) {
		if (strcasecmp(CAPABILITIES[i], name) == 0)
			return (int)i;
	}
	return -1;
}

const char *capability_name(unsigned number)
{
	return number < ARRAY_LEN(CAPABILITIES) ? CAPABILITIES[number] : NULL;
}

const char *capability_nearest(const char *name)
{
	if (strncasecmp(name, "cap_", 4) == 0)
		name += 4;
	return nearest_word(name, CAPABILITIES, ARRAY_LEN(CAPABILITIES));
}

static int64_t value_of(const struct word *words, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(words[i].name, name) == 0)
			return words[i].value;
	}
	return -1;
}

static const char *name_of(const struct word *words, size_t n, uint32_t value)
{
	for (size_t i = 0; i < n; i++) {
		if (words[i].value == value)
			return words[i].name;
	}
	return NULL;
}

static const char *nearest(const struct word *words, size_t n, const char *name)
{
	const char *names[ARRAY_LEN(SECUREBITS) + ARRAY_LEN(NAMESPACES)];

	for (size_t i = 0; i < n; i++)
		names[i] = words[i].name;
	return nearest_word(name, names, n);
}

int securebit_value(const char *name)
{
	return (int)value_of(SECUREBITS, ARRAY_LEN(SECUREBITS), name);
}

const char *securebit_name(uint32_t bit)
{
	return name_of(SECUREBITS, ARRAY_LEN(SECUREBITS), bit);
}

const char *securebit_nearest(const char *name)
{
	return nearest(SECUREBITS, ARRAY_LEN(SECUREBITS), name);
}

int64_t namespace_flag(const char *name)
{
	return value_of(NAMESPACES, ARRAY_LEN(NAMESPACES), name);
}

const char *namespace_name(uint32_t flag)
{
	return name_of(NAMESPACES, ARRAY_LEN(NAMESPACES), flag);
}

const char *namespace_nearest(const char *name)
{
	return nearest(NAMESPACES, ARRAY_LEN(NAMESPACES), name);
}
