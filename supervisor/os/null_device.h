/* null_device.h - /dev/null, or what stands in for it where there is no /dev. */
#ifndef OS_NULL_DEVICE_H
#define OS_NULL_DEVICE_H

/* Opens /dev/null with these flags of open(2). Where that cannot be, in a root without /dev, it is
 * an empty memfd that cannot grow: reading it finds the end, writing to it fails with EPERM.
 * Returns the descriptor, or negative errno. */
int null_open(int flags);

#endif
