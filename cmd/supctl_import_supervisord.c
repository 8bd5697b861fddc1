/* supctl_import_supervisord.c - supervisord's programs and groups become one tree.
 *
 * The order of start is that of `priority`, then that of the file. A program that fails for good
 * does not take its neighbours down in supervisord; so the limits of the tree are set out of reach,
 * and a comment says where to set real ones. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/supctl.h"
#include "cmd/supctl_import.h"
#include "cmd/supctl_output.h"
#include "config/units.h"

enum { PRIORITY_DEFAULT = 999 };

/* Something that becomes a child of the root, or of its group. */
struct unit {
	size_t section;
	const char *name;  /* behind the colon */
	const char *group; /* NULL: it is none's member */
	int64_t priority;
	bool is_group;
};

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* Is name among the words of a list with commas? */
static bool listed(const char *list, const char *name)
{
	const size_t length = strlen(name);

	while (list && *list) {
		size_t n;

		list += strspn(list, ", \t");
		n = strcspn(list, ", \t");
		if (n == length && strncmp(list, name, n) == 0)
			return true;
		list += n;
	}
	return false;
}

static const char *group_of(const struct ini *ini, const char *program)
{
	for (size_t i = 0; i < ini->n; i++)
		if (!ini->entries[i].key && begins(ini->entries[i].section, "group:") &&
			listed(ini_value(ini, i, "programs"), program))
			return ini->entries[i].section + strlen("group:");
	return NULL;
}

/* Makes *ret of the section at i. Returns false: it is no program and no group. */
static bool unit_of(const struct ini *ini, size_t i, struct unit *ret)
{
	const char *section = ini->entries[i].section;
	const char *priority = ini_value(ini, i, "priority");
	const bool is_group = begins(section, "group:");

	if (ini->entries[i].key)
		return false;
	if (!is_group && !begins(section, "program:") && !begins(section, "fcgi-program:"))
		return false;
	*ret = (struct unit){
		.section = i, .name = strchr(section, ':') + 1, .priority = PRIORITY_DEFAULT};
	ret->is_group = is_group;
	ret->group = is_group ? NULL : group_of(ini, ret->name);
	if (priority)
		(void)parse_number(priority, INT32_MIN, INT32_MAX, &ret->priority);
	return true;
}

static int by_priority(const void *a, const void *b)
{
	const struct unit *left = a;
	const struct unit *right = b;

	if (left->priority != right->priority)
		return left->priority < right->priority ? -1 : 1;
	return left->section < right->section ? -1 : left->section > right->section;
}

static int write_group(struct out *out, const struct ini *ini, const struct unit *units, size_t n,
	const struct unit *group)
{
	char name[64];
	int error = 0;

	import_name(group->name, name);
	out_printf(out, "\tsupervisor \"%s\" {\n\t\tmax_restarts = 1000000\n", name);
	for (size_t i = 0; i < n && error == 0; i++)
		if (units[i].group && strcmp(units[i].group, group->name) == 0)
			error = import_program(out, ini, units[i].section, group->name, 2);
	out_text(out, "\t}\n");
	return error;
}

/* What is neither a program nor a group, and what to do about it. */
static const struct {
	const char *section;
	const char *instead;
} others[] = {
	{"unix_http_server",
		"the control socket is DIR/control; `control { }` says who may use it"},
	{"inet_http_server", "there is no control over the network; ssh reaches supctl"},
	{"supervisord", "supd stays in the foreground and writes its messages to stderr"},
	{"supervisorctl", "supctl finds supd by -d, or SUPD_RUNTIME_DIR"},
	{"include", "give the included files to `supctl import` as well, or use include(\"…\")"},
	{"eventlistener", "a section sink gives its command the events, as JSON lines"},
	{"rpcinterface", "supd speaks varlink"},
	{"ctlplugin", "supctl has no plug-ins"},
};

static void write_other(struct out *out, const struct ini *ini, size_t i)
{
	const struct ini_entry *entry = &ini->entries[i];
	const char *instead = "no such section is known";

	for (size_t k = 0; k < ARRAY_LEN(others); k++)
		if (begins(entry->section, others[k].section))
			instead = others[k].instead;
	out_printf(out, "# %s:%u [%s]: %s.\n", entry->file, entry->line, entry->section, instead);
	for (i++; i < ini->n && ini->entries[i].key; i++)
		out_printf(out, "#\t%s = %s\n", ini->entries[i].key, ini->entries[i].value);
}

static int write_tree(struct out *out, const struct ini *ini, const struct unit *units, size_t n)
{
	int error = 0;

	out_text(out, "\nsupervisor \"root\" {\n"
		      "\t# supervisord: one that fails for good leaves the others alone. Here a "
		      "supervisor\n"
		      "\t# gives up after max_restarts in max_seconds; set what suits, and group "
		      "with a\n"
		      "\t# strategy what belongs together.\n"
		      "\tmax_restarts = 1000000\n");
	for (size_t i = 0; i < n && error == 0; i++) {
		if (units[i].group)
			continue;
		out_text(out, "\n");
		error = units[i].is_group ? write_group(out, ini, units, n, &units[i])
					  : import_program(out, ini, units[i].section, NULL, 1);
	}
	out_text(out, "}\n");
	return error;
}

int import_supervisord(struct out *out, const struct ini *ini)
{
	struct unit *units = calloc(ini->n ? ini->n : 1, sizeof *units);
	size_t n = 0;
	int error;

	if (!units) {
		complain("out of memory");
		return -ENOMEM;
	}
	out_text(out,
		"# Made of a configuration of supervisord. Where the meaning differs, a "
		"comment says so.\n# Look at it with `supd --check`, and at what a failure takes "
		"down with\n# `supctl impact`.\n");
	for (size_t i = 0; i < ini->n; i++)
		if (unit_of(ini, i, &units[n]))
			n++;
		else if (!ini->entries[i].key)
			write_other(out, ini, i);
	qsort(units, n, sizeof *units, by_priority);
	error = write_tree(out, ini, units, n);
	free(units);
	return error;
}
