/* impact_json.c - the steps of impact, as the interface's type ImpactStep. */
#include "supervisor/wire/impact_text.h"

enum { PATH_SIZE = 2112, MS = 1000 };

static const struct sup_spec *sup_spec_of(const struct impact *impact, uint32_t index)
{
	struct view view;

	(void)engine_view(impact->engine, index, &view);
	return spec_sup(view.spec, view.node);
}

static json_t *seconds(int64_t ms)
{
	return json_real((double)ms / MS);
}

/* What only some steps have. */
static int add_details(json_t *json, const struct impact *impact, const struct impact_step *step)
{
	char path[PATH_SIZE];
	int failed = 0;

	switch ((enum impact_what)step->what) {
	case IMPACT_COUNTS:
		if (engine_path(impact->engine, step->child, path, sizeof(path)) < 0)
			path[0] = '\0';
		failed |= json_object_set_new(json, "child", json_string(path));
		failed |= json_object_set_new(json, "count", json_integer(step->count));
		failed |= json_object_set_new(
			json, "limit", json_integer(sup_spec_of(impact, step->index)->intensity));
		failed |= json_object_set_new(
			json, "within", seconds(sup_spec_of(impact, step->index)->period_ms));
		break;
	case IMPACT_WAITS:
	case IMPACT_PARKED:
		if (step->ms != ENGINE_NEVER)
			failed |= json_object_set_new(json, "delay", seconds(step->ms));
		break;
	case IMPACT_ENDS:
		failed |= json_object_set_new(json, "status", json_integer(step->status));
		break;
	case IMPACT_STOPS:
	case IMPACT_STARTS:
	case IMPACT_REMOVED:
		if (step->count > 0)
			failed |= json_object_set_new(json, "more", json_integer(step->count));
		break;
	case IMPACT_DIES:
	case IMPACT_NOT_RESTARTED:
	case IMPACT_GIVES_UP:
	case IMPACT_SHUTS_DOWN:
	case IMPACT_WHAT_COUNT:
		break;
	}
	return failed;
}

static json_t *step_json(const struct impact *impact, const struct impact_step *step)
{
	char path[PATH_SIZE] = "";
	json_t *json;

	(void)engine_path(impact->engine, step->index, path, sizeof(path));
	json = json_pack("{s:I, s:o, s:s, s:s}", "death", (json_int_t)step->death, "at",
		seconds(step->at_ms), "what", impact_what_name(step->what), "path", path);
	if (json && add_details(json, impact, step) != 0) {
		json_decref(json);
		return NULL;
	}
	return json;
}

json_t *impact_json(const struct impact *impact)
{
	json_t *list = json_array();

	for (uint32_t i = 0; list && i < impact->n; i++) {
		if (json_array_append_new(list, step_json(impact, &impact->step[i])) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}
