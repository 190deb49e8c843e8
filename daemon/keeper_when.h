#ifndef SHUNT_KEEPER_WHEN_H
#define SHUNT_KEEPER_WHEN_H

#include "base/fault.h"
#include "loop/loop.h"
#include "policy/config.h"

/*
 * The keeper's clock for `when`. Sniffers have neither a clock nor system calls:
 * they read in shared memory which routes are open. It is set here, at the next
 * moment at which a route opens or closes, and looked over each minute, so that
 * a clock that was set and a time zone that was changed are followed.
 * One for each configuration: after a reload the old sniffers go by the old one
 * until they are gone.
 */
struct keeper_when;

/* Find out what is open now, and go on doing so. The configuration must outlive it. 0 and one for
 * keeper_when_free(); or -errno with a fault. */
int keeper_when_new(struct keeper_when **out, struct loop *loop, const struct config *config,
		    struct fault *fault);

/* NULL is fine. Sniffers that were forked before keep what was open last. */
void keeper_when_free(struct keeper_when *w);

/* One bit for each of config.routes, for struct judge: forked children see it change. NULL: no route
 * has a `when`. */
const volatile uint64_t *keeper_when_open(const struct keeper_when *w);

#endif
