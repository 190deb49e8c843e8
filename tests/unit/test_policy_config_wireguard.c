/* wireguard_key: what is taken, what is refused, what is said. */
#include <errno.h>
#include <string.h>

#include "base/base64.h"
#include "policy/config_dump.h"
#include "policy_conf.h"
#include "wire_wireguard.h"

#define ROUTE "[divert d]\nudp = 1\n[route r]\nbackend = drop\n"

static void test_taken(void **state)
{
	struct config *config =
		conf_good(ROUTE "wireguard_key = " SEED_CLIENT_KEY ", " SEED_SERVER_KEY "\n");
	const struct wireguard_keys *keys = &config->routes[0].wireguard_key;
	const struct wireguard_key server = wireguard_key_of(SEED_SERVER_KEY);
	char *text;
	size_t size;

	(void)state;
	assert_int_equal(keys->count, 2);
	assert_int_equal(config->wireguard_key_count, 2);
	assert_memory_equal(keys->at[1].public_key, server.public_key, WIREGUARD_KEY_BYTES);
	assert_memory_equal(keys->at[1].mac1.state, server.mac1.state, sizeof server.mac1.state);
	assert_int_equal(config_dump(&text, &size, config), 0);
	assert_non_null(strstr(text, "\nwireguard_key = " SEED_CLIENT_KEY
				     "\nwireguard_key = " SEED_SERVER_KEY "\n"));
	free(text);
	config_free(config);
	config = conf_good(ROUTE);
	assert_int_equal(config->routes[0].wireguard_key.count, 0);
	config_free(config);
}

#define NO_KEY                                                                                     \
	" is not a public key of 44 characters that end in `=`: the server prints it with `wg "    \
	"show INTERFACE public-key`\n"

/* Too short, of other characters, without its end, with bits behind it; and in hexadecimal. */
static void test_refused(void **state)
{
	static const char *const bad[] = {
		"abc",
		"rxhVyV5WGzRkxs5GodeRTeYYPPsWKc7PnOH4qCUzJ2s",
		"rxhVyV5WGzRkxs5GodeRTeYYPPsWKc7PnOH4qCUzJ2t=",
		"rxhVyV5WGzRkxs5GodeRTeYYPPsWKc7PnOH4qCUzJ-s=",
		"rxhVyV5WGzRkxs5GodeRTeYYPPsWKc7PnOH4qCUzJ2sA",
		"rxhVyV5WGzRkxs5GodeRTeYYPPsWKc7PnOH4qCUzJ2sAAAA=",
		"af1855c95e561b3464c6ce46a1d7914de6183cfb1629cecf9ce1f8a82533276b",
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		char text[300];
		char said[400];

		(void)snprintf(text, sizeof text, ROUTE "wireguard_key = %s\n", bad[i]);
		(void)snprintf(said, sizeof said, "t.conf:5: wireguard_key: `%s`" NO_KEY, bad[i]);
		conf_says(text, said);
	}
	conf_says(ROUTE "wireguard_key = AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
		  "t.conf:5: wireguard_key: `AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=` is the "
		  "public key of nobody\n");
	conf_says(ROUTE "wireguard_key = ,\n", "t.conf:5: wireguard_key: an empty list\n");
}

static void test_said(void **state)
{
	(void)state;
	conf_says(ROUTE "wireguard_key = " SEED_SERVER_KEY " " SEED_SERVER_KEY "\n",
		  "t.conf:5: warning: wireguard_key: `" SEED_SERVER_KEY "` is listed twice\n");
	conf_says(
		"[divert d]\nudp = 1\nunknown = drop\n[route r]\nbackend = drop\nprotocol = quic\n"
		"wireguard_key = " SEED_SERVER_KEY "\n",
		"t.conf:4: warning: [route r] can never win: none of its protocols "
		"carries a WireGuard handshake\n");
	conf_says("[divert d]\ntcp = 1\n[route r]\nbackend = drop\nwireguard_key = " SEED_SERVER_KEY
		  "\n",
		  "t.conf:3: warning: [route r] can never win: none of its protocols carries a "
		  "WireGuard handshake\n");
}

static void put_key(char *text, unsigned number)
{
	uint8_t key[WIREGUARD_KEY_BYTES] = { 1, (uint8_t)(number >> 8), (uint8_t)number };
	char one[BASE64_SIZE(WIREGUARD_KEY_BYTES) + 1];

	base64_encode(one, span_of(key, sizeof key));
	strcat(strcat(strcat(text, "wireguard_key = "), one), "\n");
}

/* So many in all routes together. */
static void test_limit(void **state)
{
	static char text[64 * 1024];
	struct config_notes notes;
	struct config *config;

	(void)state;
	strcpy(text, ROUTE);
	for (unsigned i = 0; i < CONFIG_MOST_WIREGUARD_KEYS; i++) {
		if (i == 100)
			strcat(text, "[route s]\nbackend = drop\n");
		put_key(text, i);
	}
	config_free(conf_good(text));
	put_key(text, CONFIG_MOST_WIREGUARD_KEYS);
	assert_int_equal(conf_try(&config, text, strlen(text), &notes), -EINVAL);
	assert_non_null(strstr(notes.at[0].text, "is one too many: at most 256 in all routes"));
	config_notes_free(&notes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_taken),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_said),
		cmocka_unit_test(test_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
