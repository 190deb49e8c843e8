/* `shuntctl explain`: the options, the configuration, the bytes. What is made of them is shown elsewhere. */
#include "shuntctl_explain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/fault.h"
#include "base/hex.h"
#include "policy/config.h"
#include "policy/nearest.h"
#include "policy/open_routes.h"
#include "sniff/replay.h"

static const char *const option_names[GIVEN_OPTIONS] = {
	[GIVEN_CONFIG] = "-c", [GIVEN_BATCH] = "--batch", [GIVEN_DIVERT] = "--divert",
	[GIVEN_UDP] = "--udp", [GIVEN_FROM] = "--from",   [GIVEN_TO] = "--to",
	[GIVEN_HEX] = "--hex", [GIVEN_FILE] = "--file",   [GIVEN_WORD] = "--word",
};

/* A configuration and what is made of it. */
struct court {
	struct config *config;
	struct route_index *index;
	uint64_t *open; /* routes that are open just now */
	struct judge judge;
	struct plugins plugins;
	volatile uint8_t running; /* plugin; nobody looks there but their timer */
};

/* The bytes of one flow. */
struct evidence {
	size_t given; /* in all, also those that found no room */
	size_t size;  /* of the piece at hand, likewise */
	uint8_t bytes[QUESTION_MOST_BYTES];
	struct replay_room room;
};

void shuntctl_explain_option(struct explain_options *o, enum explain_given option,
			     const char *value)
{
	o->value[option] = value != NULL ? value : "";
	if (option == GIVEN_HEX || option == GIVEN_FILE) {
		if (o->piece_count < EXPLAIN_PIECES_MOST)
			o->pieces[o->piece_count] = value;
		o->piece_count++;
	}
	if (option == GIVEN_WORD) {
		if (o->word_count < EXPLAIN_WORDS_MOST)
			o->words[o->word_count] = value;
		o->word_count++;
	}
	if (o->given == NULL)
		o->given = option_names[option];
}

int explain_divert(const struct config *config, const char *name,
		   char why[static SHUNTCTL_WHY_BYTES])
{
	struct nearest n = { .word = name };

	if (name == NULL && config->divert_count == 1)
		return 0;
	if (name == NULL) {
		(void)snprintf(why, SHUNTCTL_WHY_BYTES, "which? The configuration has %zu of them",
			       config->divert_count);
		return -1;
	}
	for (size_t i = 0; i < config->divert_count; i++) {
		if (strcmp(config->diverts[i].name, name) == 0)
			return (int)i;
		nearest_offer(&n, config->diverts[i].name);
	}
	(void)snprintf(why, SHUNTCTL_WHY_BYTES, "there is no `%.64s`%s%s%s", name,
		       n.best != NULL ? " (did you mean `" : "", n.best != NULL ? n.best : "",
		       n.best != NULL ? "`?)" : ""); /* a long one is cut */
	return -1;
}

bool explain_takes(const struct config *config, int divert, bool is_udp,
		   char why[static SHUNTCTL_WHY_BYTES])
{
	const struct divert *d = &config->diverts[divert];

	if ((is_udp ? d->udp.count : d->tcp.count) > 0)
		return true;
	(void)snprintf(why, SHUNTCTL_WHY_BYTES, "`%s` takes no %s port", d->name,
		       is_udp ? "udp" : "tcp");
	return false;
}

/* Every fault as "shuntctl: FILE:LINE: what". */
static void say_faults(const struct config_notes *notes, const char *path)
{
	char text[1024];

	for (size_t i = 0; i < notes->count; i++) {
		if (notes->at[i].is_warning)
			continue;
		config_note_text(&notes->at[i], text, sizeof text);
		(void)fprintf(stderr, "shuntctl: %s\n", text);
	}
	if (notes->faults > notes->count)
		(void)fprintf(stderr, "shuntctl: %s: %zu faults in all, the first ones are shown\n",
			      path, notes->faults);
}

static void court_close(struct court *c)
{
	route_index_free(c->index);
	free(c->open);
	config_free(c->config);
}

static void plugin_failed(void *arg, unsigned probe, const struct fault *fault)
{
	const struct court *c = arg;

	(void)fprintf(stderr, "shuntctl: [probe %s] fits nothing: %s\n",
		      c->config->probes[probe].name, fault->text);
}

/* 0, or the status of the program. */
static int court_open(struct court *c, const char *path)
{
	struct config_notes notes;
	int err;

	*c = (struct court){ 0 };
	err = config_read(&c->config, path, &notes);
	if (err != 0)
		say_faults(&notes, path);
	config_notes_free(&notes);
	if (err != 0)
		return EXIT_FAILED;
	c->open = calloc(open_routes_words(c->config) + 1, sizeof *c->open);
	if (c->open == NULL || route_index_new(&c->index, c->config) != 0) {
		court_close(c);
		(void)shuntctl_fail(path, "out of memory", EXIT_FAILED);
		return EXIT_FAILED;
	}
	(void)open_routes_at(c->open, c->config, time(NULL)); /* nobody waits for the next change */
	judge_init(&c->judge, c->config, c->index, c->open);
	if (plugins_are_used(c->config)) {
		plugins_load(&c->plugins, c->config, &c->running, NULL, plugin_failed, c);
		c->judge.plugins = &c->plugins;
	}
	return 0;
}

/* An address; family 0 when it was not given. 0, or the status of the program. */
static int take_addr(struct addr *out, const struct explain_options *o, enum explain_given option)
{
	*out = (struct addr){ 0 };
	if (o->value[option] == NULL || addr_parse(out, o->value[option], false) == 0)
		return 0;
	return shuntctl_fail(option_names[option],
			     "not an address such as 192.0.2.1, 192.0.2.1:443 or [2001:db8::1]:443",
			     EXIT_USAGE);
}

/* Digits, and white space anywhere between the bytes' pairs. */
static int take_hex(struct evidence *e, const char *text)
{
	char *digits = malloc(strlen(text) + 1);
	size_t count = 0;
	ptrdiff_t size;

	if (digits == NULL)
		return shuntctl_fail("--hex", "out of memory", EXIT_FAILED);
	for (; *text != '\0'; text++) {
		if (strchr(" \t\r\n", *text) == NULL)
			digits[count++] = *text;
	}
	size = hex_decode(e->bytes, sizeof e->bytes, span_of(digits, count));
	free(digits);
	if (size < 0)
		return shuntctl_fail("--hex", "two hexadecimal digits are expected for each byte",
				     EXIT_USAGE);
	e->size = (size_t)size;
	return 0;
}

static int take_file(struct evidence *e, const char *path)
{
	bool is_stdin = strcmp(path, "-") == 0;
	FILE *in = is_stdin ? stdin : fopen(path, "re");
	int err = 0;

	if (in == NULL)
		return shuntctl_fail(path, strerror(errno), EXIT_FAILED);
	e->size = fread(e->bytes, 1, sizeof e->bytes, in);
	if (ferror(in) != 0)
		err = shuntctl_fail(is_stdin ? "standard input" : path, strerror(errno),
				    EXIT_FAILED);
	else if (e->size == sizeof e->bytes && fgetc(in) != EOF)
		e->size++; /* there is more; how much is of no use */
	if (!is_stdin)
		(void)fclose(in); /* only read from */
	return err;
}

/* The segments, or the datagrams. 0, or the status of the program. */
static int take_pieces(struct replay *r, struct evidence *e, const struct explain_options *o)
{
	int status = 0;

	for (size_t i = 0; status == 0 && i < o->piece_count; i++) {
		status = o->value[GIVEN_HEX] != NULL ? take_hex(e, o->pieces[i])
						     : take_file(e, o->pieces[i]);
		if (status != 0)
			break;
		replay_add(r, span_of(e->bytes,
				      e->size < sizeof e->bytes ? e->size : sizeof e->bytes));
		e->given += e->size;
	}
	return status;
}

/* The program whose word is given as "NAME=..." or -1. */
static int find_program(const struct config *config, const char *text, size_t size)
{
	for (size_t i = 0; i < config->probe_count; i++) {
		const struct probe *p = &config->probes[i];

		if (p->exec != NULL && strlen(p->name) == size && memcmp(p->name, text, size) == 0)
			return (int)i;
	}
	return -1;
}

/* What programs say of the flow. 0, or the status of the program. */
static int take_words(struct question *flow, const struct explain_options *o,
		      const struct config *config)
{
	for (size_t i = 0; i < o->word_count && i < EXPLAIN_WORDS_MOST; i++) {
		size_t size = strcspn(o->words[i], "=");
		int probe = find_program(config, o->words[i], size);
		uint32_t bit = probe < 0 ? 0 : UINT32_C(1) << probe;

		if (probe < 0)
			return shuntctl_fail("--word",
					     "the configuration has no such probe with `exec`",
					     EXIT_USAGE);
		if (strcmp(o->words[i] + size, "=yes") == 0)
			flow->exec_yes |= bit;
		else if (strcmp(o->words[i] + size, "=no") == 0)
			flow->exec_no |= bit;
		else
			return shuntctl_fail("--word", "not NAME=yes or NAME=no", EXIT_USAGE);
	}
	if (flow->exec_yes & flow->exec_no)
		return shuntctl_fail("--word", "yes and no of the same probe", EXIT_USAGE);
	return 0;
}

static int show_page(const struct replay *r, int route, size_t given, bool json)
{
	struct json_object *page = explain_object(r, route, given);

	if (page == NULL)
		return shuntctl_fail("explain", "out of memory", EXIT_FAILED);
	if (json)
		shuntctl_print_json(page);
	else
		explain_show(page, shuntctl_width());
	json_object_put(page);
	return shuntctl_finish();
}

static int explain_one(const struct explain_options *o, const struct judge *judge,
		       struct evidence *e, bool json)
{
	struct question flow = { .transport = o->value[GIVEN_UDP] != NULL ? QUESTION_UDP
									  : QUESTION_TCP };
	char why[SHUNTCTL_WHY_BYTES];
	struct replay r;
	int divert, status, route;

	divert = explain_divert(judge->config, o->value[GIVEN_DIVERT], why);
	if (divert < 0 ||
	    !explain_takes(judge->config, divert, flow.transport == QUESTION_UDP, why))
		return shuntctl_fail("--divert", why, EXIT_USAGE);
	status = take_addr(&flow.client, o, GIVEN_FROM);
	if (status == 0)
		status = take_addr(&flow.to, o, GIVEN_TO);
	if (status == 0)
		status = take_words(&flow, o, judge->config);
	if (status != 0)
		return status;
	flow.divert = (uint16_t)divert;
	replay_begin(&r, judge, &e->room, &flow);
	status = take_pieces(&r, e, o);
	if (status != 0)
		return status;
	route = replay_end(&r);
	return show_page(&r, route, e->given, json);
}

static int check_usage(const struct explain_options *o)
{
	bool has_hex = o->value[GIVEN_HEX] != NULL, has_file = o->value[GIVEN_FILE] != NULL;

	if (o->value[GIVEN_BATCH] == NULL && has_hex == has_file)
		return shuntctl_fail("explain", "one of --hex, --file or --batch is expected",
				     EXIT_USAGE);
	if (o->value[GIVEN_BATCH] == NULL && o->piece_count > EXPLAIN_PIECES_MOST)
		return shuntctl_fail("explain", "--hex or --file is given more than 64 times",
				     EXIT_USAGE);
	if (o->value[GIVEN_BATCH] == NULL)
		return 0;
	for (int i = 0; i < GIVEN_OPTIONS; i++) {
		if (i != GIVEN_BATCH && i != GIVEN_CONFIG && o->value[i] != NULL)
			return shuntctl_fail(option_names[i],
					     "with --batch each line says it for itself",
					     EXIT_USAGE);
	}
	return 0;
}

int shuntctl_explain(const struct explain_options *o, bool json)
{
	const char *path = o->value[GIVEN_CONFIG];
	struct evidence *e = NULL;
	struct court court;
	int status = check_usage(o);

	if (status != 0)
		return status;
	status = court_open(&court, path != NULL ? path : SHUNT_SYSCONFDIR "/shunt/shunt.conf");
	if (status != 0)
		return status;
	if (o->value[GIVEN_BATCH] != NULL) {
		status = explain_batch(&court.judge, court.open);
		goto out;
	}
	e = calloc(1, sizeof *e);
	status = e != NULL ? explain_one(o, &court.judge, e, json)
			   : shuntctl_fail("explain", "out of memory", EXIT_FAILED);
out:
	free(e);
	court_close(&court);
	return status;
}
