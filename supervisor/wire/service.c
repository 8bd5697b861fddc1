/* service.c - the standard interface org.varlink.service: what this peer is and speaks. */
#include "supervisor/wire/service.h"

#include <string.h>

#include "supervisor/wire/methods.h"

/* Made from supervisor/org.supd.Supervisor.varlink by wire.mk. */
static const char supervisor_text[] =
#include "varlink_text.h"
	;

static const char service_text[] =
	"# The varlink service interface: what every varlink peer offers.\n"
	"interface " WIRE_SERVICE "\n"
	"\n"
	"# What this peer is, and the interfaces that it speaks.\n"
	"method GetInfo() -> (\n"
	"  vendor: string,\n"
	"  product: string,\n"
	"  version: string,\n"
	"  url: string,\n"
	"  interfaces: []string\n"
	")\n"
	"\n"
	"# The text of one of the interfaces.\n"
	"method GetInterfaceDescription(interface: string) -> (description: string)\n"
	"\n"
	"error InterfaceNotFound (interface: string)\n"
	"error MethodNotFound (method: string)\n"
	"error MethodNotImplemented (method: string)\n"
	"error InvalidParameter (parameter: string)\n";

json_t *service_info(void)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:[s, s]}", "vendor", "supd", "product", "supd",
		"version", SUPD_VERSION, "url", "", "interfaces", WIRE_SERVICE, WIRE_INTERFACE);
}

const char *service_description(const char *interface)
{
	if (strcmp(interface, WIRE_INTERFACE) == 0)
		return supervisor_text;
	if (strcmp(interface, WIRE_SERVICE) == 0)
		return service_text;
	return NULL;
}
