#ifndef SHUNT_KERNEL_ADDR_LIST_H
#define SHUNT_KERNEL_ADDR_LIST_H

#include "base/addr.h"

enum {
	ADDR_LIST_MOST = 65536, /* no box has more; what is beyond is not ours to understand */
};

/* Addresses that the kernel told. Zero-initialised it is empty. */
struct addr_list {
	struct addr *at;
	size_t count;
};

/* Append a copy. 0, -ENOMEM, or -E2BIG beyond ADDR_LIST_MOST. */
int addr_list_add(struct addr_list *list, const struct addr *a);

/* Make it empty again; an empty one is fine. */
void addr_list_free(struct addr_list *list);

#endif
