#ifndef SHUNT_CTL_CTL_JSON_H
#define SHUNT_CTL_CTL_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config;
struct ctl_client;
struct ctl_facts;
struct ctl_reload;
struct flow_record;

/*
 * JSON written straight into a client's answer. No library: the keeper must
 * live through any lack of memory, and this needs none but the answer's. After
 * the first failure nothing more is written; it is looked at once, at the end.
 * Begin with { .client = c }.
 */
struct ctl_json {
	struct ctl_client *client;
	int err;          /* of ctl_client_add(), the first */
	bool needs_comma; /* a value stands in front */
};

/* Open and close an object or array. name: NULL in an array, and for the outermost. */
void ctl_json_object(struct ctl_json *j, const char *name);
void ctl_json_object_end(struct ctl_json *j);
void ctl_json_array(struct ctl_json *j, const char *name);
void ctl_json_array_end(struct ctl_json *j);

/* A value. name: NULL in an array. The text may hold anything; NULL becomes null, a byte that is
 * not ASCII U+FFFD. */
void ctl_json_text(struct ctl_json *j, const char *name, const char *text);
void ctl_json_number(struct ctl_json *j, const char *name, uint64_t number);
void ctl_json_bool(struct ctl_json *j, const char *name, bool value);

/* Send what was written as the client's answer; or an error, when that failed. */
void ctl_json_send(struct ctl_json *j);

/* The answers to `status`, `reload` (only the members) and `config`, and one flow of the answer to `flows`. clients: how many
 * the control socket has. */
void ctl_json_status(struct ctl_json *j, const struct ctl_facts *facts, size_t clients);
void ctl_json_reload(struct ctl_json *j, const struct ctl_reload *reload);
void ctl_json_config(struct ctl_json *j, const struct config *config);
void ctl_json_flow(struct ctl_json *j, const struct flow_record *record);

#endif
