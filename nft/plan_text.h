#ifndef SHUNT_NFT_PLAN_TEXT_H
#define SHUNT_NFT_PLAN_TEXT_H

#include <stdio.h>

#include "nft/plan.h"

/* Write a table in nft's language, as `nft -f` reads it. Errors of the stream stay with it. */
void plan_text(FILE *out, const struct plan_table *table);

/* One step of a rule; plan_text() is made of these. */
void plan_text_op(FILE *out, const struct plan_op *op);

#endif
