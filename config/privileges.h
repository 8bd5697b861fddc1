/* privileges.h - names of capabilities, securebits and namespaces, as people write them. Pure. */
#ifndef CONFIG_PRIVILEGES_H
#define CONFIG_PRIVILEGES_H

#include <stddef.h>
#include <stdint.h>

/* The numbers behind a name: "net_bind_service", "CAP_NET_BIND_SERVICE", ...; a flag of
 * PR_SET_SECUREBITS; a CLONE_NEW* flag. Negative: there is none of that name. */
int capability_number(const char *name);
int securebit_value(const char *name);
int64_t namespace_flag(const char *name);

/* The name of what they read; NULL: none. */
const char *capability_name(unsigned number);
const char *securebit_name(uint32_t bit);
const char *namespace_name(uint32_t flag);

/* The name that was meant, or NULL. */
const char *capability_nearest(const char *name);
const char *securebit_nearest(const char *name);
const char *namespace_nearest(const char *name);

#endif
