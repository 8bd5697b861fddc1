/* service.h - the standard interface org.varlink.service: what this peer is and speaks. Pure. */
#ifndef WIRE_SERVICE_H
#define WIRE_SERVICE_H

#include <jansson.h>

/* The parameters of GetInfo's reply; NULL when memory ran out. */
json_t *service_info(void);

/* The text of an interface; NULL when there is none of that name. */
const char *service_description(const char *interface);

#endif
