/* schema_check.c - checks JSON against a schema.
 *
 *     schema_check DIR NAME      each line of standard input is a value of DIR/NAME.json
 *
 * Prints what is wrong, one line each, and exits with 1; prints nothing and exits with 0 when all
 * is well and there was a line at all. Of JSON Schema it knows what the schemas use: type (one or a
 * list), properties, required, additionalProperties (false, or a schema), items, enum, minimum, and
 * $ref to another file of DIR; a keyword that it does not know is an error, so that none is thought
 * to be checked. */
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STACK_MAX = 100000, SCHEMAS_MAX = 64, PATH_SIZE = 512 };

/* A value that is still to be checked. */
struct task {
	const json_t *schema;
	const json_t *value;
	char path[PATH_SIZE];
};

struct loaded {
	char name[64];
	json_t *schema;
};

static const char *dir;
static struct loaded loaded[SCHEMAS_MAX];
static size_t n_loaded;
static struct task *stack;
static size_t n_stack;
static bool wrong;

static void complain(const struct task *task, const char *what, const char *more)
{
	printf("%s: %s%s%s\n", task->path[0] ? task->path : "the value", what, *more ? " " : "",
		more);
	wrong = true;
}

static const json_t *load(const char *file)
{
	char path[PATH_SIZE];
	json_error_t error;

	for (size_t i = 0; i < n_loaded; i++)
		if (strcmp(loaded[i].name, file) == 0)
			return loaded[i].schema;
	if (n_loaded == SCHEMAS_MAX || strlen(file) >= sizeof(loaded[0].name))
		exit(2);
	(void)snprintf(path, sizeof(path), "%s/%s", dir, file);
	loaded[n_loaded].schema = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
	if (!loaded[n_loaded].schema) {
		printf("%s:%d: %s\n", path, error.line, error.text);
		exit(2);
	}
	(void)strcpy(loaded[n_loaded].name, file);
	return loaded[n_loaded++].schema;
}

static void push(const struct task *from, const json_t *schema, const json_t *value,
	const char *name, size_t index)
{
	struct task *task;

	if (n_stack == STACK_MAX)
		exit(2);
	task = &stack[n_stack++];
	task->schema = schema;
	task->value = value;
	if (name)
		(void)snprintf(task->path, sizeof(task->path), "%.400s.%.100s", from->path, name);
	else
		(void)snprintf(task->path, sizeof(task->path), "%.400s[%zu]", from->path, index);
}

static bool has_type(const json_t *value, const char *type)
{
	if (strcmp(type, "object") == 0)
		return json_is_object(value);
	if (strcmp(type, "array") == 0)
		return json_is_array(value);
	if (strcmp(type, "string") == 0)
		return json_is_string(value);
	if (strcmp(type, "integer") == 0)
		return json_is_integer(value);
	if (strcmp(type, "number") == 0)
		return json_is_number(value);
	if (strcmp(type, "boolean") == 0)
		return json_is_boolean(value);
	if (strcmp(type, "null") == 0)
		return json_is_null(value);
	printf("the schema has the unknown type %s\n", type);
	exit(2);
}

static void check_type(const struct task *task, const json_t *type)
{
	bool good = json_is_string(type) && has_type(task->value, json_string_value(type));
	const json_t *one;
	size_t i;

	json_array_foreach(type, i, one) good =
		good || has_type(task->value, json_string_value(one));
	if (!good)
		complain(task, "has another type than the schema says", "");
}

static void check_enum(const struct task *task, const json_t *list)
{
	const char *text = json_string_value(task->value);
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		if (json_equal(one, task->value))
			return;
	}
	complain(task, "is none of the values of the schema:", text ? text : "(no text)");
}

static void check_required(const struct task *task, const json_t *names)
{
	const json_t *name;
	size_t i;

	if (!json_is_object(task->value))
		return;
	json_array_foreach(names, i, name)
	{
		if (!json_object_get(task->value, json_string_value(name)))
			complain(task, "lacks", json_string_value(name));
	}
}

static void check_members(const struct task *task)
{
	const json_t *properties = json_object_get(task->schema, "properties");
	const json_t *others = json_object_get(task->schema, "additionalProperties");
	const char *name;
	json_t *member;

	if (!json_is_object(task->value))
		return;
	json_object_foreach((json_t *)(size_t)task->value, name, member)
	{
		const json_t *schema = json_object_get(properties, name);

		if (schema)
			push(task, schema, member, name, 0);
		else if (json_is_object(others))
			push(task, others, member, name, 0);
		else if (json_is_false(others))
			complain(task, "has a member that the schema has not:", name);
	}
}

static void check_items(const struct task *task, const json_t *schema)
{
	const json_t *item;
	size_t i;

	if (!json_is_array(task->value))
		return;
	json_array_foreach(task->value, i, item) push(task, schema, item, NULL, i);
}

static void check_keyword(const struct task *task, const char *keyword, const json_t *value)
{
	static const char *const plain[] = {
		"$schema", "title", "description", "properties", "additionalProperties"};

	if (strcmp(keyword, "type") == 0)
		check_type(task, value);
	else if (strcmp(keyword, "enum") == 0)
		check_enum(task, value);
	else if (strcmp(keyword, "required") == 0)
		check_required(task, value);
	else if (strcmp(keyword, "items") == 0)
		check_items(task, value);
	else if (strcmp(keyword, "minimum") == 0 && json_is_number(task->value) &&
		 json_number_value(task->value) < json_number_value(value))
		complain(task, "is less than the schema allows", "");
	else if (strcmp(keyword, "minimum") != 0) {
		for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
			if (strcmp(keyword, plain[i]) == 0)
				return;
		printf("the schema has the unknown keyword %s\n", keyword);
		exit(2);
	}
}

static void check(const struct task *task)
{
	const char *ref = json_string_value(json_object_get(task->schema, "$ref"));
	struct task there = *task;
	const char *keyword;
	json_t *value;

	if (ref)
		there.schema = load(ref);
	json_object_foreach((json_t *)(size_t)there.schema, keyword, value)
		check_keyword(&there, keyword, value);
	if (json_object_get(there.schema, "properties") ||
		json_object_get(there.schema, "additionalProperties"))
		check_members(&there);
}

static void check_line(const json_t *schema, const char *line)
{
	json_error_t error;
	json_t *value = json_loads(line, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);

	if (!value) {
		printf("no JSON: %s: %s\n", error.text, line);
		wrong = true;
		return;
	}
	stack[0] = (struct task){.schema = schema, .value = value};
	n_stack = 1;
	while (n_stack > 0) {
		struct task task = stack[--n_stack];

		check(&task);
	}
	json_decref(value);
}

int main(int argc, char **argv)
{
	const json_t *schema;
	char *line = NULL;
	size_t size = 0;
	size_t lines = 0;
	char file[64];

	if (argc != 3 || snprintf(file, sizeof(file), "%s.json", argv[2]) >= (int)sizeof(file)) {
		(void)fputs("usage: schema_check DIR NAME\n", stderr);
		return 2;
	}
	dir = argv[1];
	schema = load(file);
	stack = calloc(STACK_MAX, sizeof(*stack));
	if (!stack)
		return 2;
	while (getline(&line, &size, stdin) > 0) {
		check_line(schema, line);
		lines++;
	}
	if (lines == 0)
		printf("there was no line\n");
	free(line);
	free(stack);
	return wrong || lines == 0;
}
