/* Lists: ports, interfaces, ALPN names, servers. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "policy/config_values.h"
#include "policy/list.h"

enum {
	INTERFACE_MOST = 15, /* IFNAMSIZ without its NUL */
};

int value_is_fallback(const struct value_in *in)
{
	if (!in->key->fallback || strcmp(in->text, in->key->fallback) != 0)
		return 0;
	if (in->items > 1)
		return value_fault(in, "`%s` stands alone: remove it or the others", in->text);
	return 1;
}

int text_list_add(struct text_list *list, const char *text)
{
	char **at = list_room(list->at, list->count, sizeof *at);

	if (!at)
		return -ENOMEM;
	list->at = at;
	at[list->count] = strdup(text);
	if (!at[list->count])
		return -ENOMEM;
	list->count++;
	return 0;
}

void text_list_done(struct text_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->at[i]);
	free(list->at);
	*list = (struct text_list){ 0 };
}

bool text_list_has(const struct text_list *list, const char *text)
{
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->at[i], text) == 0)
			return true;
	}
	return false;
}

int value_add_once(const struct value_in *in, const char *text)
{
	struct text_list *list = value_field(in, in->key->offset);

	if (!text_list_has(list, text))
		return text_list_add(list, text);
	config_warn(in->notes, in->at, "%s: `%s` is listed twice", in->key->name, text);
	return 0;
}

const char *value_show_texts(const struct value_out *out, size_t i, char text[VALUE_TEXT_BYTES])
{
	const struct text_list *list = value_shown(out, out->key->offset);

	(void)text;
	if (list->count == 0 && i == 0)
		return out->key->fallback;
	return i < list->count ? list->at[i] : NULL;
}

void value_texts_done(void *object, const struct config_key *key)
{
	text_list_done((void *)((char *)object + key->offset));
}

static int parse_ports(const struct value_in *in)
{
	struct port_list *list = value_field(in, in->key->offset);
	struct port_range range = { 0, 0 };
	struct port_range *at = list_room(list->at, list->count, sizeof *at);
	int err = number_parse_ports(&range.first, &range.last, in->text);

	if (!at)
		return -ENOMEM;
	list->at = at;
	at[list->count++] = range; /* also a bad one: it is not the same fault as having none */
	if (err)
		return value_fault(
			in, "`%s` is not a port from 1 to 65535 or a range such as 8443-8449",
			in->text);
	return 0;
}

static const char *show_ports(const struct value_out *out, size_t i, char text[VALUE_TEXT_BYTES])
{
	const struct port_list *list = value_shown(out, out->key->offset);

	if (i >= list->count)
		return NULL;
	if (list->at[i].first == list->at[i].last)
		(void)snprintf(text, VALUE_TEXT_BYTES, "%u", list->at[i].first);
	else
		(void)snprintf(text, VALUE_TEXT_BYTES, "%u-%u", list->at[i].first,
			       list->at[i].last);
	return text;
}

static void ports_done(void *object, const struct config_key *key)
{
	struct port_list *list = (void *)((char *)object + key->offset);

	free(list->at);
	*list = (struct port_list){ 0 };
}

const char *value_interface_fault(const char *name)
{
	size_t size = strlen(name);

	if (size == 0 || size > INTERFACE_MOST || strpbrk(name, "/:;\"\\") ||
	    strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return "cannot be the name of an interface";
	return NULL;
}

static int parse_interface(const struct value_in *in)
{
	const char *star = strchr(in->text, '*');
	const char *fault = value_interface_fault(in->text);
	int is_any = value_is_fallback(in);

	if (is_any)
		return is_any < 0 ? is_any : 0;
	if (strcmp(in->text, "lo") == 0)
		return value_fault(in, "`lo` is never diverted");
	if (strcmp(in->text, "*") == 0)
		return value_fault(in, "`*` alone: write `any`");
	if (star && star[1])
		return value_fault(in, "`%s`: `*` may only stand at the end", in->text);
	if (fault)
		return value_fault(in, "`%s` %s", in->text, fault);
	return value_add_once(in, in->text);
}

static int parse_alpn(const struct value_in *in)
{
	if (strchr(in->text, ';')) /* a dump could not tell it from a comment */
		return value_fault(in, "`%s`: a `;` needs a blank in front, then it is a comment",
				   in->text);
	return value_add_once(in, in->text);
}

/* What may be meant by a server that is no endpoint. */
static int server_fault(const struct value_in *in)
{
	struct addr a;

	if (strncmp(in->text, "weight=", 7) == 0 || strcmp(in->text, "backup") == 0)
		return value_fault(in, "`%s` is not in this version: servers are tried in order",
				   in->text);
	if (strncmp(in->text, "unix:", 5) == 0)
		return value_fault(in, "`%s`: UNIX sockets are not in this version", in->text);
	if (addr_parse(&a, in->text, false) == 0)
		return value_fault(in, "`%s` has no port: write 192.0.2.1:443 or [2001:db8::1]:443",
				   in->text);
	return value_fault(in,
			   "`%s` is not an address and port (addresses only in this version, no "
			   "names): write 192.0.2.1:443 or [2001:db8::1]:443",
			   in->text);
}

static bool is_unspecified_or_many(const struct addr *a)
{
	static const uint8_t zero[16];

	if (memcmp(a->bytes, zero, sizeof zero) == 0)
		return true;
	return a->family == AF_INET ? a->bytes[0] >= 224 || a->bytes[0] == 0 : a->bytes[0] == 0xff;
}

static bool has_server(const struct addr *servers, size_t count, const struct addr *server)
{
	for (size_t i = 0; i < count; i++) {
		if (addr_equal(&servers[i], server))
			return true;
	}
	return false;
}

static int parse_server(const struct value_in *in)
{
	struct addr **servers = value_field(in, in->key->offset);
	size_t *count = value_field(in, in->key->also);
	struct addr server;
	struct addr *at;

	if (addr_parse(&server, in->text, true))
		return server_fault(in);
	if (addr_is_link_local(&server))
		return value_fault(in, "`%s` is a link-local address: give the server another",
				   in->text);
	if (is_unspecified_or_many(&server))
		return value_fault(in, "`%s` is not the address of one machine", in->text);
	if (has_server(*servers, *count, &server)) {
		config_warn(in->notes, in->at, "server: `%s` is listed twice", in->text);
		return 0;
	}
	at = list_room(*servers, *count, sizeof *at);
	if (!at)
		return -ENOMEM;
	*servers = at;
	at[(*count)++] = server;
	return 0;
}

static const char *show_server(const struct value_out *out, size_t i, char text[VALUE_TEXT_BYTES])
{
	struct addr *const *servers = value_shown(out, out->key->offset);
	const size_t *count = value_shown(out, out->key->also);

	return i < *count ? addr_text(&(*servers)[i], text) : NULL;
}

static void servers_done(void *object, const struct config_key *key)
{
	struct addr **servers = (void *)((char *)object + key->offset);
	size_t *count = (void *)((char *)object + key->also);

	free(*servers);
	*servers = NULL;
	*count = 0;
}

const struct value_type value_ports = { parse_ports, show_ports, ports_done, false };
const struct value_type value_interfaces = { parse_interface, value_show_texts, value_texts_done,
					     false };
const struct value_type value_alpn = { parse_alpn, value_show_texts, value_texts_done, false };
const struct value_type value_servers = { parse_server, show_server, servers_done, false };
