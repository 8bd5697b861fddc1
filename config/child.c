/* child.c - see child.h. (To be written by whoever brings start-child into the configuration: this
 * only refuses.) */
#include "config/child.h"

struct spec *config_child(
	const struct config_child_request *request, struct findings *f, size_t *ret_size)
{
	(void)ret_size;
	findings_error(f, (struct place){.file = "start-child", .line = 0}, "child",
		"cannot add %s yet", request->name);
	return NULL;
}
