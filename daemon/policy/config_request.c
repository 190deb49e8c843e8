/* What routes ask of an HTTP/1 request: the beginning of its target, its method. */
#include <string.h>

#include "policy/config_values.h"

/* A request target that a server gets: origin-form, or the `*` of OPTIONS (RFC 9112 3.2). */
static int parse_path(const struct value_in *in)
{
	if (in->text[0] != '/' && strcmp(in->text, "*") != 0)
		return value_fault(in,
				   "`%s` must begin with `/`: scheme and host are no part of it",
				   in->text);
	for (const char *at = in->text; *at; at++) {
		if (*at == '#')
			return value_fault(in, "`%s`: no client sends a `#` or what follows it",
					   in->text);
		if (*at < '!' || *at > '~') /* RFC 3986 2: these are sent percent-encoded */
			return value_fault(in, "`%s` has bytes that are sent as %%XX: write it so",
					   in->text);
	}
	return value_add_once(in, in->text);
}

/* A token (RFC 9110 9.1, 5.6.2): its case counts. */
static int parse_method(const struct value_in *in)
{
	static const char capitals[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	static const char others[] = "abcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~";

	for (const char *at = in->text; *at; at++) {
		if (!strchr(capitals, *at) && !strchr(others, *at))
			return value_fault(in, "`%s` is not a method such as GET or POST",
					   in->text);
	}
	if (!strpbrk(in->text, capitals))
		config_warn(in->notes, in->at,
			    "method: `%s` is not the same as in capitals, which is how clients "
			    "write the usual ones",
			    in->text);
	return value_add_once(in, in->text);
}

const struct value_type value_paths = { parse_path, value_show_texts, value_texts_done, false };
const struct value_type value_methods = { parse_method, value_show_texts, value_texts_done, false };
