/* One flow of `shuntctl explain --batch`. The answer is written by hand: it is made by the thousand. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/reader.h"
#include "policy/protocol.h"
#include "shuntctl_batch.h"
#include "shuntctl_explain.h"

enum {
	WHY_BYTES = SHUNTCTL_WHY_BYTES + 16,
};

int batch_init(struct batch *b, const struct judge *judge)
{
	b->judge = judge;
	b->tokener = json_tokener_new_ex(BATCH_NESTED_MOST);
	b->out.data = malloc(BATCH_OUT_BYTES);
	if (b->tokener == NULL || b->out.data == NULL)
		return -ENOMEM;
	b->out.room = BATCH_OUT_BYTES;
	json_tokener_set_flags(b->tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	return 0;
}

void batch_done(struct batch *b)
{
	if (b->tokener != NULL)
		json_tokener_free(b->tokener);
	free(b->out.data);
}

static void put(struct batch_text *t, const char *text, size_t size)
{
	char *grown;

	if (t->is_lost)
		return;
	if (size > t->room - t->size) {
		grown = realloc(t->data, 2 * (t->size + size));
		if (grown == NULL) {
			t->is_lost = true;
			return;
		}
		t->data = grown;
		t->room = 2 * (t->size + size);
	}
	memcpy(t->data + t->size, text, size);
	t->size += size;
}

static void put_text(struct batch_text *t, const char *text)
{
	put(t, text, strlen(text));
}

static void put_number(struct batch_text *t, uint64_t number)
{
	char text[sizeof("18446744073709551615")];

	(void)snprintf(text, sizeof text, "%" PRIu64, number);
	put_text(t, text);
}

/* A string; of bytes that are not ASCII the character of that number. */
static void put_string(struct batch_text *t, struct span bytes)
{
	char text[sizeof("\\u0000")];

	put(t, "\"", 1);
	for (size_t i = 0; i < bytes.size; i++) {
		uint8_t c = bytes.data[i];

		if (c >= ' ' && c <= '~' && c != '"' && c != '\\') {
			put(t, (const char *)&c, 1);
			continue;
		}
		(void)snprintf(text, sizeof text, "\\u%04x", c);
		put_text(t, text);
	}
	put(t, "\"", 1);
}

static void put_string_or_null(struct batch_text *t, const char *text)
{
	if (text != NULL)
		put_string(t, span_text(text));
	else
		put_text(t, "null");
}

static void put_id(struct batch_text *t, struct batch_id id)
{
	put_text(t, "{\"id\":");
	if (id.text.size != 0)
		put(t, (const char *)id.text.data, id.text.size);
	else
		put_number(t, id.number);
}

void batch_bad_line(struct batch *b, struct batch_id id, const char *why)
{
	b->bad++;
	put_id(&b->out, id);
	put_text(&b->out, ",\"error\":");
	put_string(&b->out, span_text(why));
	put_text(&b->out, "}\n");
}

static void put_alpn(struct batch_text *t, const struct wire_hints *hints)
{
	struct reader r = reader_of(span_of(hints->alpn, hints->alpn_size));

	put_text(t, ",\"alpn\":[");
	while (reader_left(&r) > 0) {
		if (r.at > 0)
			put(t, ",", 1);
		put_string(t, reader_take(&r, reader_u8(&r)));
	}
	put(t, "]", 1);
}

/* What is known of it by its bytes. */
static void put_hints(struct batch_text *t, const struct replay *r)
{
	static const struct wire_hints none = { 0 };
	const struct wire_hints *hints = r->is.named >= 0 ? &r->is.hints : &none;

	put_text(t, ",\"protocol\":");
	put_string_or_null(t, r->is.named >= 0
				      ? protocol_name(r->judge->config, (unsigned)r->is.named)
				      : NULL);
	put_text(t, ",\"chunk\":");
	if (r->decided != 0)
		put_number(t, r->decided);
	else
		put_text(t, "null");
	put_text(t, ",\"server_name\":");
	if (hints->name_size != 0)
		put_string(t, span_of(hints->name, hints->name_size));
	else
		put_text(t, "null");
	put_alpn(t, hints);
	if (hints->method.size == 0)
		return;
	put_text(t, ",\"method\":");
	put_string(t, hints->method);
	put_text(t, ",\"path\":");
	put_string(t, hints->path);
}

static void put_answer(struct batch_text *t, struct batch_id id, const struct replay *r, int route)
{
	put_id(t, id);
	put_text(t, ",\"verdict\":\"");
	put_text(t, replay_verdict_text(r));
	put(t, "\"", 1);
	put_hints(t, r);
	put_text(t, ",\"route\":");
	put_string(t, span_text(replay_route_text(r, route)));
	put_text(t, ",\"action\":\"");
	put_text(t, replay_action_text(r, route));
	put_text(t, "\",\"backend\":");
	put_string_or_null(t, replay_backend_text(r, route));
	put_text(t, "}\n");
}

/* A member that is a string, or NULL when it is not there. False: it is something else. */
static bool text_member(struct json_object *in, const char *name, const char **out)
{
	struct json_object *member = NULL;

	*out = NULL;
	if (!json_object_object_get_ex(in, name, &member))
		return true;
	if (!json_object_is_type(member, json_type_string))
		return false;
	*out = json_object_get_string(member);
	return true;
}

static bool addr_member(struct json_object *in, const char *name, struct addr *out)
{
	const char *text;

	*out = (struct addr){ 0 };
	return text_member(in, name, &text) && (text == NULL || addr_parse(out, text, false) == 0);
}

/* All but the bytes. NULL, or what is wrong. */
static const char *begin(struct batch *b, struct json_object *in, struct replay *r,
			 char why[static WHY_BYTES])
{
	const struct config *config = b->judge->config;
	const char *name, *transport;
	char detail[SHUNTCTL_WHY_BYTES];
	struct question flow = { 0 };
	int divert;

	if (!text_member(in, "divert", &name))
		return "divert: a string is expected";
	if (!text_member(in, "transport", &transport) ||
	    (transport != NULL && strcmp(transport, "tcp") != 0 && strcmp(transport, "udp") != 0))
		return "transport: \"tcp\" or \"udp\" is expected";
	if (!addr_member(in, "from", &flow.client) || !addr_member(in, "to", &flow.to))
		return "from, to: an address is expected";
	if (transport != NULL && strcmp(transport, "udp") == 0)
		flow.transport = QUESTION_UDP;
	divert = explain_divert(config, name, detail);
	if (divert < 0 || !explain_takes(config, divert, flow.transport == QUESTION_UDP, detail)) {
		(void)snprintf(why, WHY_BYTES, "divert: %s", detail);
		return why;
	}
	flow.divert = (uint16_t)divert;
	replay_begin(r, b->judge, &b->room, &flow);
	return NULL;
}

/* NULL, or what is wrong. */
static const char *add_chunks(struct batch *b, struct json_object *in, struct replay *r)
{
	struct json_object *chunks = NULL;

	(void)json_object_object_get_ex(in, "chunks", &chunks); /* not there is no array, too */
	if (!json_object_is_type(chunks, json_type_array))
		return "chunks: an array of strings is expected";
	for (size_t i = 0; i < json_object_array_length(chunks); i++) {
		struct json_object *chunk = json_object_array_get_idx(chunks, i);
		ptrdiff_t size = -1;

		if (json_object_is_type(chunk, json_type_string))
			size = hex_decode(b->piece, sizeof b->piece,
					  span_of(json_object_get_string(chunk),
						  (size_t)json_object_get_string_len(chunk)));
		if (size < 0)
			return "chunks: two hexadecimal digits are expected for each byte";
		if ((size_t)size > sizeof b->piece)
			size = sizeof b->piece; /* more is never looked at */
		replay_add(r, span_of(b->piece, (size_t)size));
	}
	return replay_is_udp(r) && r->pieces == 0 ? "chunks: a udp flow begins with a datagram"
						  : NULL;
}

static void judge_line(struct batch *b, struct json_object *in, struct batch_id id)
{
	char text[WHY_BYTES];
	const char *why;
	struct replay r;

	why = begin(b, in, &r, text);
	if (why == NULL)
		why = add_chunks(b, in, &r);
	if (why == NULL)
		put_answer(&b->out, id, &r, replay_end(&r));
	else
		batch_bad_line(b, id, why);
}

void batch_line(struct batch *b, const char *line, size_t size, uint64_t number)
{
	struct batch_id id = { .number = number };
	struct json_object *in = NULL;

	if (batch_is_object(span_of(line, size), "id", &id.text)) {
		json_tokener_reset(b->tokener);
		in = json_tokener_parse_ex(b->tokener, line, (int)size);
	}
	if (in != NULL)
		judge_line(b, in, id);
	else
		batch_bad_line(b, (struct batch_id){ .number = number },
			       "one JSON object is expected");
	json_object_put(in);
}
