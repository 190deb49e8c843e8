/* SNI and ALPN out of a ClientHello's extensions. */
#include "wire/tls_extensions.h"

enum {
	TLS_EXTENSION_SERVER_NAME = 0,
	TLS_EXTENSION_ALPN = 16,
	TLS_NAME_HOST = 0,       /* the one NameType there is (RFC 6066 3) */
	TLS_ENTRY_BYTES = 3,     /* of a server name ahead of the name: type and length */
	TLS_EXTENSION_BYTES = 4, /* ahead of its data: type and length */
};

/* True when a list with `rest` bytes to go is at its end, or long enough for one more head. */
static bool leaves_room(size_t rest, size_t head)
{
	return rest == 0 || rest >= head;
}

static void read_host_name(struct tls_record *r, size_t size, struct wire_hints *hints)
{
	uint8_t name[WIRE_NAME_BYTES + 1]; /* and a final dot */

	if (size > sizeof name) {
		tls_record_skip(r, size);
		return;
	}
	tls_record_take(r, name, size);
	if (r->verdict == WIRE_YES)
		wire_hints_set_name(hints, span_of(name, size));
}

/* A list of names, in practice of one. Other types than host_name begin with a length of two
 * bytes too (RFC 6066 3) and are passed over. */
static void read_server_name(struct tls_record *r, size_t size, struct wire_hints *hints)
{
	bool has_host = false;
	size_t list = tls_record_length(r, 2, &size, 3, size);

	tls_record_require(r, size == 0);
	while (list > 0 && r->verdict == WIRE_YES) {
		bool is_host = tls_record_number(r, 1) == TLS_NAME_HOST;
		size_t length;

		list--;
		length = tls_record_length(r, 2, &list, is_host ? 1 : 0, list);
		tls_record_require(r, leaves_room(list, TLS_ENTRY_BYTES));
		if (!is_host) {
			tls_record_skip(r, length);
			continue;
		}
		tls_record_require(r, !has_host);
		has_host = true;
		read_host_name(r, length, hints);
	}
}

/* Entries are kept while they fit, whole and in the client's order. */
static void read_alpn(struct tls_record *r, size_t size, struct wire_hints *hints)
{
	size_t list = tls_record_length(r, 2, &size, 2, size);
	bool is_full = false;

	tls_record_require(r, size == 0);
	while (list > 0 && r->verdict == WIRE_YES) {
		size_t length = tls_record_length(r, 1, &list, 1, list);
		size_t used = hints->alpn_size;

		if (is_full || used + 1 + length > sizeof hints->alpn) {
			is_full = true;
			tls_record_skip(r, length);
			continue;
		}
		hints->alpn[used] = (uint8_t)length;
		tls_record_take(r, hints->alpn + used + 1, length);
		hints->alpn_size = (uint16_t)(used + 1 + length);
	}
}

void tls_extensions_read(struct tls_record *r, size_t size, struct wire_hints *hints)
{
	bool has_name = false;
	bool has_alpn = false;

	tls_record_require(r, leaves_room(size, TLS_EXTENSION_BYTES));
	while (size > 0 && r->verdict == WIRE_YES) {
		uint32_t type;
		size_t length;

		type = tls_record_number(r, 2);
		size -= 2;
		tls_record_require(r, type != TLS_EXTENSION_SERVER_NAME || !has_name);
		tls_record_require(r, type != TLS_EXTENSION_ALPN || !has_alpn);
		length = tls_record_length(r, 2, &size, 0, size);
		tls_record_require(r, leaves_room(size, TLS_EXTENSION_BYTES));
		if (type == TLS_EXTENSION_SERVER_NAME) {
			has_name = true;
			read_server_name(r, length, hints);
		} else if (type == TLS_EXTENSION_ALPN) {
			has_alpn = true;
			read_alpn(r, length, hints);
		} else {
			tls_record_skip(r, length);
		}
	}
}
