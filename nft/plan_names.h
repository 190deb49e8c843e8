#ifndef SHUNT_NFT_PLAN_NAMES_H
#define SHUNT_NFT_PLAN_NAMES_H

#include "nft/plan.h"

/*
 * Two sets must be there at once while one is given for the other, so a set has
 * two names: its own, and that with PLAN_OTHER behind it, which no divert's
 * name ends in.
 */
#define PLAN_OTHER "/b"

/* Is that the name of a set whose own name is `own`? */
bool plan_name_is(const char *name, const char *own);

/*
 * Make ready to give the freshly built `to` for `from`: a set that both have
 * with the same elements takes the name that it has in `from`, one with other
 * elements the other name; rules follow. 0 or -ENOMEM; then `to` is good for
 * plan_free() only.
 */
int plan_names_follow(struct plan *to, const struct plan *from);

#endif
