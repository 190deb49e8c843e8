/* wireguard_key: the public keys of the servers behind a route. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "policy/config_values.h"

static bool has_key(const struct wireguard_keys *list, const uint8_t *public_key)
{
	for (size_t i = 0; i < list->count; i++) {
		if (memcmp(list->at[i].public_key, public_key, WIREGUARD_KEY_BYTES) == 0)
			return true;
	}
	return false;
}

static int add_key(const struct value_in *in, const uint8_t public_key[static WIREGUARD_KEY_BYTES])
{
	struct wireguard_keys *list = value_field(in, in->key->offset);
	struct wireguard_key *at;

	if (has_key(list, public_key)) {
		config_warn(in->notes, in->at, "wireguard_key: `%s` is listed twice", in->text);
		return 0;
	}
	if (in->config->wireguard_key_count >= CONFIG_MOST_WIREGUARD_KEYS)
		return value_fault(in, "`%s` is one too many: at most %d in all routes", in->text,
				   CONFIG_MOST_WIREGUARD_KEYS);
	at = list_room(list->at, list->count, sizeof *at);
	if (!at)
		return -ENOMEM;
	list->at = at;
	wireguard_key_open(&at[list->count++], public_key);
	in->config->wireguard_key_count++;
	return 0;
}

static int parse_wireguard_key(const struct value_in *in)
{
	static const uint8_t nobody[WIREGUARD_KEY_BYTES] = { 0 };
	uint8_t public_key[WIREGUARD_KEY_BYTES];
	struct span text = span_text(in->text);

	if (base64_decode(public_key, sizeof public_key, text) != WIREGUARD_KEY_BYTES)
		return value_fault(in,
				   "`%s` is not a public key of 44 characters that end in `=`: the "
				   "server prints it with `wg show INTERFACE public-key`",
				   in->text);
	if (memcmp(public_key, nobody, sizeof nobody) == 0)
		return value_fault(in, "`%s` is the public key of nobody", in->text);
	return add_key(in, public_key);
}

static const char *show_wireguard_key(const struct value_out *out, size_t i,
				      char text[VALUE_TEXT_BYTES])
{
	const struct wireguard_keys *list = value_shown(out, out->key->offset);

	_Static_assert((int)VALUE_TEXT_BYTES > (int)BASE64_SIZE(WIREGUARD_KEY_BYTES), "it fits");
	if (i >= list->count)
		return NULL;
	base64_encode(text, span_of(list->at[i].public_key, WIREGUARD_KEY_BYTES));
	return text;
}

static void wireguard_keys_done(void *object, const struct config_key *key)
{
	struct wireguard_keys *list = (void *)((char *)object + key->offset);

	free(list->at);
	*list = (struct wireguard_keys){ 0 };
}

const struct value_type value_wireguard_keys = { parse_wireguard_key, show_wireguard_key,
						 wireguard_keys_done, false };
