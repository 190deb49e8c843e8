/* The sense of a sniffer's answer; its form was checked before. */
#include "carry/answer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool answer_is_allowed(const struct table *t, const struct table_divert *d, const struct answer *a)
{
	if (a->route != ANSWER_ROUTE_UNKNOWN && a->route >= t->route_count)
		return false;
	if (a->action == ANSWER_ORIGINAL)
		return d->may_original;
	return a->action != ANSWER_BACKEND || table_divert_may(t, d, a->backend);
}

int answer_keep_texts(const struct answer *a, char **out)
{
	size_t proto = strlen(a->proto) + 1;
	size_t name = strlen(a->name) + 1;
	size_t alpn = strlen(a->alpn) + 1;
	char *texts;

	if (proto + name + alpn == 3)
		return 0;
	texts = malloc(proto + name + alpn);
	if (!texts)
		return -ENOMEM;
	memcpy(texts, a->proto, proto);
	memcpy(texts + proto, a->name, name);
	memcpy(texts + proto + name, a->alpn, alpn);
	*out = texts;
	return 0;
}
