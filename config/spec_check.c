/* spec_check.c - the check of a specification that comes from elsewhere.
 *
 * This file, too, needs nothing but memory and string functions. */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "config/spec.h"
#include "config/spec_internal.h"
#include "config/spec_log.h"

/* Lists that were found good, by offset: ten thousand children that share one environment cost one
 * look at it. */
enum { SEEN = 256 };

struct check {
	const struct spec *spec;
	const char *why;
	uint32_t strs_seen[SEEN];
	uint32_t numbers_seen[SEEN];
};

static bool fail(struct check *c, const char *why)
{
	c->why = why;
	return false;
}

/* Is a record of size bytes at offset inside the data, and aligned? */
static bool inside(const struct check *c, uint32_t offset, size_t size, size_t align)
{
	const uint64_t end = (uint64_t)offset + size;
	return offset >= sizeof(struct spec) && end <= c->spec->nodes_at && offset % align == 0;
}

/* The data ends with a NUL (check_header), so a string that begins inside it ends inside it. */
static bool check_str(const struct check *c, uint32_t offset)
{
	return inside(c, offset, 1, 1);
}

static bool check_list(struct check *c, uint32_t offset, bool strings)
{
	uint32_t *seen = strings ? c->strs_seen : c->numbers_seen;
	uint32_t *slot = &seen[offset / sizeof(uint32_t) % SEEN];
	const struct spec_list *list;

	if (!inside(c, offset, sizeof(struct spec_list), _Alignof(struct spec_list)))
		return false;
	if (*slot == offset)
		return true;
	list = spec_list(c->spec, offset);
	if (list->n > (c->spec->nodes_at - offset) / sizeof(uint32_t) - 1)
		return false;
	for (uint32_t i = 0; strings && i < list->n; i++) {
		if (!check_str(c, list->item[i]))
			return false;
	}
	*slot = offset;
	return true;
}

bool spec_record_inside(const struct check *c, uint32_t offset, size_t size, size_t align)
{
	return inside(c, offset, size, align);
}

bool spec_string_inside(const struct check *c, uint32_t offset)
{
	return check_str(c, offset);
}

bool spec_list_inside(struct check *c, uint32_t offset, bool strings)
{
	return check_list(c, offset, strings);
}

static bool all_zero(const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] != 0)
			return false;
	}
	return true;
}

static bool check_child(struct check *c, const struct spec_node *node)
{
	const struct child_spec *child;

	if (!inside(c, node->child, sizeof(*child), _Alignof(struct child_spec)))
		return fail(c, "a child specification lies outside the block");
	child = (const struct child_spec *)(const void *)((const char *)c->spec + node->child);
	if (child->restart >= RESTART_COUNT || child->ready >= READY_COUNT ||
		child->significant > 1 || child->before_start > 1 || child->after_stop > 1 ||
		!all_zero(child->pad, sizeof(child->pad)))
		return fail(c, "a child specification has a value out of range");
	if (child->shutdown_ms < SPEC_BRUTAL_KILL || child->start_timeout_ms < 0 ||
		child->watchdog_ms < 0 || child->watchdog_ms == SPEC_INFINITY ||
		child->hook_timeout_ms < 0)
		return fail(c, "a child specification has a negative time");
	if (child->backoff.initial_ms < 0 || child->backoff.max_ms < 0 ||
		child->backoff.reset_after_ms < 0 || child->backoff.initial_ms == SPEC_INFINITY ||
		child->backoff.max_ms == SPEC_INFINITY || child->backoff.jitter_milli > 1000 ||
		child->backoff.factor_milli < 1000 || child->backoff.factor_milli > 1000000)
		return fail(c, "a child specification has a backoff out of range");
	return true;
}

static bool check_setting(struct check *c, uint32_t offset)
{
	const struct setting_spec *setting;

	if (!inside(c, offset, sizeof(*setting), _Alignof(struct setting_spec)))
		return fail(c, "a setting of defaults lies outside the block");
	setting = spec_setting(c->spec, offset);
	if (!check_str(c, setting->key) || !check_str(c, setting->file) ||
		(setting->value != SPEC_NONE && !check_str(c, setting->value)))
		return fail(c, "a text of a setting of defaults lies outside the block");
	if (setting->more > 1)
		return fail(c, "a setting of defaults has a value out of range");
	return true;
}

static bool check_defaults(struct check *c, uint32_t offset)
{
	const struct spec_list *list;

	if (offset == SPEC_NONE)
		return true;
	if (!check_list(c, offset, false))
		return fail(c, "a list of defaults lies outside the block");
	list = spec_list(c->spec, offset);
	for (uint32_t i = 0; i < list->n; i++) {
		if (!check_setting(c, list->item[i]))
			return false;
	}
	return true;
}

static bool check_sup(struct check *c, const struct spec_node *node)
{
	const struct sup_spec *sup;

	if (node->proc != SPEC_NONE || node->argv != SPEC_NONE)
		return fail(c, "a supervisor has a command");
	if (!inside(c, node->sup, sizeof(*sup), _Alignof(struct sup_spec)))
		return fail(c, "a supervisor specification lies outside the block");
	sup = (const struct sup_spec *)(const void *)((const char *)c->spec + node->sup);
	if (sup->strategy >= STRATEGY_COUNT || sup->auto_shutdown >= AUTO_SHUTDOWN_COUNT ||
		sup->on_limit >= ON_LIMIT_COUNT || sup->start >= START_COUNT ||
		!all_zero(sup->pad, sizeof(sup->pad)))
		return fail(c, "a supervisor specification has a value out of range");
	if (sup->period_ms <= 0 || sup->retry_after_ms < 0)
		return fail(c, "a supervisor specification has a time out of range");
	if (sup->strategy != STRATEGY_ONE_FOR_ONE &&
		(node->kind != KIND_SUPERVISOR || sup->start == START_CONCURRENT))
		return fail(c, "a supervisor has a strategy that it cannot have");
	return check_defaults(c, sup->defaults);
}

static bool check_signal(int32_t signal)
{
	return signal >= 1 && signal <= 64;
}

/* How it says that it is ready and lives, and is told to reload. */
static bool check_notify(
	struct check *c, const struct proc_spec *proc, const struct child_spec *child)
{
	if (!check_signal(proc->watchdog_signal) || !check_signal(proc->reload_signal) ||
		proc->notify > 1 || proc->notify_group > 1)
		return fail(c, "a process specification has a value out of range");
	if ((proc->ready_fd != -1) != (child->ready == READY_FD) ||
		(proc->ready_fd != -1 &&
			(proc->ready_fd < READY_FD_MIN || proc->ready_fd > READY_FD_MAX)))
		return fail(c, "a descriptor of readiness is out of range");
	if (proc->reload_command != SPEC_NONE &&
		(!check_list(c, proc->reload_command, true) ||
			spec_list(c->spec, proc->reload_command)->n == 0))
		return fail(c, "a reload command lies outside the block");
	return true;
}

static bool check_health(struct check *c, uint32_t offset)
{
	const struct health_spec *health;

	if (offset == SPEC_NONE)
		return true;
	if (!inside(c, offset, sizeof(*health), _Alignof(struct health_spec)))
		return fail(c, "a health check lies outside the block");
	health = (const struct health_spec *)(const void *)((const char *)c->spec + offset);
	if (health->probe >= PROBE_COUNT || health->interval_ms <= 0 || health->timeout_ms <= 0 ||
		health->start_period_ms < 0 || health->interval_ms == SPEC_INFINITY ||
		health->timeout_ms == SPEC_INFINITY || health->start_period_ms == SPEC_INFINITY ||
		health->retries == 0 || !all_zero(health->pad, sizeof(health->pad)))
		return fail(c, "a health check has a value out of range");
	if (!check_list(c, health->words, true))
		return fail(c, "a health check's words lie outside the block");
	if (health->probe == PROBE_EXEC ? spec_list(c->spec, health->words)->n == 0
					: spec_list(c->spec, health->words)->n != 1)
		return fail(c, "a health check has no command, or not one target");
	return true;
}

/* A hook has its command, and no command is there without its hook: the engine reads the one, the
 * spawn the other. */
static bool check_hook(struct check *c, bool hook, uint32_t argv)
{
	if (hook != (argv != SPEC_NONE))
		return fail(c, "a hook and its command do not agree");
	if (hook && (!check_list(c, argv, true) || spec_list(c->spec, argv)->n == 0))
		return fail(c, "the command of a hook lies outside the block or is empty");
	return true;
}

static bool check_surroundings(struct check *c, uint32_t offset)
{
	const struct surroundings_spec *around;

	if (offset == SPEC_NONE)
		return true;
	if (!inside(c, offset, sizeof(*around), _Alignof(struct surroundings_spec)))
		return fail(c, "surroundings lie outside the block");
	around = spec_surroundings(c->spec, offset);
	if (around->limits >> LIMIT_COUNT != 0 || around->nice < -20 || around->nice > 19 ||
		around->oom_score_adj < -1000 || around->oom_score_adj > 1000 ||
		around->io_priority >= 4u << 13 || around->set_nice > 1 || around->set_oom > 1 ||
		around->set_cpus > 1 || !all_zero(around->pad, sizeof(around->pad)))
		return fail(c, "surroundings have a value out of range");
	return true;
}

static bool check_resources(struct check *c, uint32_t offset)
{
	const struct resources_spec *resources;

	if (offset == SPEC_NONE)
		return true;
	if (!inside(c, offset, sizeof(*resources), _Alignof(struct resources_spec)))
		return fail(c, "resources lie outside the block");
	resources = (const struct resources_spec *)(const void *)((const char *)c->spec + offset);
	if (resources->set == 0 || resources->set >> RESOURCE_COUNT != 0 ||
		!all_zero(resources->pad, sizeof(resources->pad)))
		return fail(c, "resources have a value out of range");
	for (unsigned i = 0; i < RESOURCE_COUNT; i++) {
		if (((resources->set >> i & 1) == 0) != (resources->value[i] == 0))
			return fail(c, "a limit of resources is not what it is said to be");
	}
	if ((resources->set >> RESOURCE_CPU_MAX & 1) != (resources->cpu_period_us != 0))
		return fail(c, "a limit of CPU time has no period");
	return true;
}

static bool check_socket(struct check *c, uint32_t offset)
{
	const struct socket_spec *socket;

	if (!inside(c, offset, sizeof(*socket), _Alignof(struct socket_spec)))
		return fail(c, "a socket lies outside the block");
	socket = spec_socket(c->spec, offset);
	if (!check_str(c, socket->text) || !check_str(c, socket->address) ||
		!check_str(c, socket->name) || !check_str(c, socket->file) ||
		(socket->kind == SOCKET_UNIX && !check_str(c, socket->path)))
		return fail(c, "a text of a socket lies outside the block");
	if (socket->kind >= SOCKET_COUNT ||
		(socket->family != 0 && socket->family != 4 && socket->family != 6) ||
		socket->reuseport > 1 || !all_zero(socket->pad, sizeof(socket->pad)))
		return fail(c, "a socket has a value out of range");
	return true;
}

static bool check_sockets(struct check *c, uint32_t offset)
{
	const struct spec_list *list;

	if (offset == SPEC_NONE)
		return true;
	if (!check_list(c, offset, false))
		return fail(c, "a list of sockets lies outside the block");
	list = spec_list(c->spec, offset);
	if (list->n == 0 || list->n > SPEC_SOCKETS_MAX)
		return fail(c, "a list of sockets is empty or too long");
	for (uint32_t i = 0; i < list->n; i++) {
		if (!check_socket(c, list->item[i]))
			return false;
	}
	return true;
}

static bool check_log(struct check *c, uint32_t offset)
{
	const struct log_spec *log;

	if (offset == SPEC_NONE)
		return true;
	if (!inside(c, offset, sizeof(*log), _Alignof(struct log_spec)))
		return fail(c, "a log lies outside the block");
	log = (const struct log_spec *)(const void *)((const char *)c->spec + offset);
	if (!spec_log_in_range(log))
		return fail(c, "a log has a value out of range");
	if (log->file != SPEC_NONE && !check_str(c, log->file))
		return fail(c, "the file of a log lies outside the block");
	return true;
}

static bool check_proc(struct check *c, const struct spec_node *node)
{
	const struct child_spec *child =
		(const struct child_spec *)(const void *)((const char *)c->spec + node->child);
	const struct proc_spec *proc;

	if (node->sup != SPEC_NONE || node->children != 0)
		return fail(c, "a process has children");
	if (!inside(c, node->proc, sizeof(*proc), _Alignof(struct proc_spec)))
		return fail(c, "a process specification lies outside the block");
	proc = (const struct proc_spec *)(const void *)((const char *)c->spec + node->proc);
	if (proc->directory != SPEC_NONE && !check_str(c, proc->directory))
		return fail(c, "a directory lies outside the block");
	if (proc->environment != SPEC_NONE && !check_list(c, proc->environment, true))
		return fail(c, "an environment lies outside the block");
	if (proc->groups != SPEC_NONE && !check_list(c, proc->groups, false))
		return fail(c, "a list of groups lies outside the block");
	if ((proc->umask > 0777 && proc->umask != PROC_UMASK_INHERIT) ||
		!check_signal(proc->stop_signal) || proc->standard_input >= STDIN_COUNT ||
		proc->terminal > 1)
		return fail(c, "a process specification has a value out of range");
	if (!check_notify(c, proc, child) || !check_surroundings(c, proc->surroundings) ||
		!check_sockets(c, proc->sockets) || !check_resources(c, proc->resources))
		return false;
	if (!spec_check_sandbox(c, c->spec, proc->sandbox))
		return fail(c, "a sandbox lies outside the block or has a value out of range");
	if (!check_list(c, node->argv, true))
		return fail(c, "a command lies outside the block");
	if (!check_hook(c, child->before_start, proc->before_start) ||
		!check_hook(c, child->after_stop, proc->after_stop))
		return false;
	return check_log(c, proc->log) && check_health(c, proc->health);
}

static bool check_node(struct check *c, const struct spec_node *node)
{
	size_t length;

	if (!check_str(c, node->name) || !check_str(c, node->file))
		return fail(c, "a name lies outside the block");
	length = strnlen(spec_str(c->spec, node->name), SPEC_NAME_MAX + 1);
	if (length == 0 || length > SPEC_NAME_MAX ||
		memchr(spec_str(c->spec, node->name), '/', length) != NULL)
		return fail(c, "a name is empty, too long or holds a slash");
	if (node->kind >= KIND_COUNT || node->repeat > 1 || !all_zero(node->pad, sizeof(node->pad)))
		return fail(c, "a node has a value out of range");
	if (!check_child(c, node))
		return false;
	return node->kind == KIND_PROCESS ? check_proc(c, node) : check_sup(c, node);
}

/* A walk of the tree along its links. */
struct walk {
	uint32_t seen[SPEC_DEPTH_MAX + 1]; /* children met so far, a level */
	uint32_t depth;
	uint32_t at;
};

/* Where the walk goes from w->at: its first child, else the next sibling of the nearest node
 * upwards that has one. SPEC_NONE: it is over. Returns false when the tree is too deep or a count
 * wrong. */
static bool walk_on(struct check *c, struct walk *w, uint32_t *ret_to, uint32_t *ret_parent)
{
	const struct spec_node *node = spec_node(c->spec, w->at);

	if ((node->children == 0) != (node->first_child == SPEC_NONE))
		return fail(c, "a count of children is wrong");
	if (node->children > 0) {
		if (w->depth == SPEC_DEPTH_MAX)
			return fail(c, "the tree is too deep");
		w->seen[w->depth++] = 0;
		*ret_to = node->first_child;
		*ret_parent = w->at;
		return true;
	}
	while (w->depth > 0 && node->next_sibling == SPEC_NONE) {
		node = spec_node(c->spec, node->parent);
		if (w->seen[--w->depth] != node->children)
			return fail(c, "a count of children is wrong");
	}
	*ret_to = w->depth > 0 ? node->next_sibling : SPEC_NONE;
	*ret_parent = node->parent;
	return true;
}

/* Nodes stand in preorder, so the walk must meet the numbers in their order. Each node is entered
 * once and left once. */
static bool check_links(struct check *c)
{
	struct walk w = {.at = SPEC_ROOT};
	uint32_t parent;
	uint32_t to;

	if (spec_node(c->spec, SPEC_ROOT)->parent != SPEC_NONE ||
		spec_node(c->spec, SPEC_ROOT)->next_sibling != SPEC_NONE)
		return fail(c, "the root has a parent or a sibling");
	for (uint32_t next = 1; next < c->spec->nodes; next++) {
		if (!walk_on(c, &w, &to, &parent))
			return false;
		if (to != next || spec_node(c->spec, to)->parent != parent)
			return fail(c, "the links of the tree are wrong");
		w.seen[w.depth - 1]++;
		w.at = to;
	}
	if (!walk_on(c, &w, &to, &parent))
		return false;
	return to == SPEC_NONE || fail(c, "a link of the tree leads nowhere");
}

/* Commands and templates, once the links are known to be right. */
static bool check_commands(struct check *c)
{
	for (uint32_t i = 0; i < c->spec->nodes; i++) {
		const struct spec_node *node = spec_node(c->spec, i);
		if (node->kind == KIND_DYNAMIC &&
			(node->children != 1 ||
				spec_node(c->spec, node->first_child)->kind != KIND_PROCESS))
			return fail(c, "a dynamic supervisor has not one template");
		if (node->kind == KIND_PROCESS && spec_list(c->spec, node->argv)->n == 0 &&
			spec_node(c->spec, node->parent)->kind != KIND_DYNAMIC)
			return fail(c, "a command is empty");
	}
	return true;
}

static bool check_control(struct check *c)
{
	const struct control_spec *control = spec_control(c->spec);

	if (!control)
		return true;
	if (!inside(c, c->spec->control, sizeof(*control), _Alignof(struct control_spec)))
		return fail(c, "the section control lies outside the block");
	if (control->mode > 0777)
		return fail(c, "the section control has a value out of range");
	for (size_t i = 0; i < SPEC_ROLES; i++) {
		if ((control->users[i] != SPEC_NONE && !check_list(c, control->users[i], false)) ||
			(control->groups[i] != SPEC_NONE &&
				!check_list(c, control->groups[i], false)))
			return fail(c, "a list of the section control lies outside the block");
	}
	return true;
}

static bool check_sink(struct check *c, uint32_t offset)
{
	const struct sink_spec *sink;

	if (!inside(c, offset, sizeof(*sink), _Alignof(struct sink_spec)))
		return fail(c, "a sink lies outside the block");
	sink = (const struct sink_spec *)(const void *)((const char *)c->spec + offset);
	if (!check_str(c, sink->name) || (sink->statsd != SPEC_NONE && !check_str(c, sink->statsd)))
		return fail(c, "a text of a sink lies outside the block");
	if ((sink->argv == SPEC_NONE) == (sink->statsd == SPEC_NONE))
		return fail(c, "a sink has not one way out");
	if (sink->argv != SPEC_NONE &&
		(!check_list(c, sink->argv, true) || spec_list(c->spec, sink->argv)->n == 0))
		return fail(c, "the command of a sink lies outside the block or is empty");
	return true;
}

static bool check_sinks(struct check *c)
{
	if (c->spec->sinks == SPEC_NONE)
		return true;
	if (!check_list(c, c->spec->sinks, false))
		return fail(c, "the list of sinks lies outside the block");
	for (uint32_t i = 0; i < spec_sinks(c->spec); i++) {
		if (!check_sink(c, spec_list(c->spec, c->spec->sinks)->item[i]))
			return false;
	}
	return true;
}

static bool check_header(struct check *c, size_t size)
{
	const struct spec *spec = c->spec;
	uint64_t nodes_size;

	if (size < sizeof(*spec) || spec->magic != SPEC_MAGIC)
		return fail(c, "it is not a specification");
	if (spec->version != SPEC_VERSION)
		return fail(c, "it is of another version");
	if (spec->size != size || size > UINT32_MAX)
		return fail(c, "its size is wrong");
	if (spec->nodes == 0 || spec->nodes > SPEC_NODES_MAX)
		return fail(c, "its number of nodes is out of range");
	nodes_size = (uint64_t)spec->nodes * sizeof(struct spec_node);
	if (spec->nodes_at <= sizeof(*spec) || spec->nodes_at % _Alignof(struct spec_node) != 0 ||
		spec->nodes_at + nodes_size != size)
		return fail(c, "its nodes lie outside the block");
	if (((const char *)spec)[spec->nodes_at - 1] != '\0')
		return fail(c, "its strings do not end");
	if (!check_str(c, spec->file) ||
		(spec->runtime_dir != SPEC_NONE && !check_str(c, spec->runtime_dir)))
		return fail(c, "a string of the header lies outside the block");
	return check_control(c) && check_sinks(c);
}

int spec_check(const void *block, size_t size, const char **ret_why)
{
	struct check c = {.spec = block};
	bool good = (uintptr_t)block % _Alignof(struct child_spec) == 0;

	if (!good)
		c.why = "it is not aligned";
	good = good && check_header(&c, size);
	for (uint32_t i = 0; good && i < c.spec->nodes; i++)
		good = check_node(&c, spec_node(c.spec, i));
	good = good && check_links(&c);
	if (good && spec_node(c.spec, SPEC_ROOT)->kind == KIND_PROCESS)
		good = fail(&c, "the root is not a supervisor");
	good = good && check_commands(&c);
	if (!good && ret_why != NULL)
		*ret_why = c.why;
	return good ? 0 : -EINVAL;
}
