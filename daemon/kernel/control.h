#ifndef SHUNT_KERNEL_CONTROL_H
#define SHUNT_KERNEL_CONTROL_H

#include <stddef.h>

struct msghdr;

/* Append a control message to m, whose msg_control is aligned and has room for it; msg_controllen is what is
 * there so far. */
void control_put(struct msghdr *m, int level, int type, const void *data, size_t size);

#endif
