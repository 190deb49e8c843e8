#ifndef SHUNT_ACCOUNT_H
#define SHUNT_ACCOUNT_H

#include "base/fault.h"
#include "kernel/sandbox.h"

/* Whom shuntd's children become. name: `user` of the configuration; NULL: `shunt`, or `nobody` where there is
 * none. 0, or -EINVAL with a fault. */
int account_of_children(struct sandbox_user *out, const char *name, struct fault *fault);

/* Whom a probe's program is run as: the user of that name, unless it is root or one of shuntd's children. 0, or
 * -EINVAL with a fault. */
int account_of_program(struct sandbox_user *out, const char *name,
		       const struct sandbox_user *children, struct fault *fault);

#endif
