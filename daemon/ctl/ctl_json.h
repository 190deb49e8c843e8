#ifndef SHUNT_CTL_CTL_JSON_H
#define SHUNT_CTL_CTL_JSON_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config;
struct ctl_client;
struct ctl_facts;
struct flow_record;

/*
 * Building JSON without looking at each allocation: after the first failure
 * everything goes on, but the maker is broken and what it made must be thrown
 * away. (json-c itself would abort on an object that is NULL.)
 */
struct json_maker {
	bool is_broken;
};

/* An object or array inside `in`: an object, under name; or an array, name NULL. Borrowed from it;
 * NULL, as `in` may be, when the maker is broken. */
struct json_object *json_make_object(struct json_maker *m, struct json_object *in,
				     const char *name);
struct json_object *json_make_array(struct json_maker *m, struct json_object *in, const char *name);

/* Add a value to an object, or to an array (name NULL). The text is copied; NULL becomes null. */
void json_make_text(struct json_maker *m, struct json_object *in, const char *name,
		    const char *text);
void json_make_number(struct json_maker *m, struct json_object *in, const char *name,
		      uint64_t number);
void json_make_bool(struct json_maker *m, struct json_object *in, const char *name, bool value);

/* The finished root; or NULL, and the root is freed, when the maker is broken. */
struct json_object *json_made(const struct json_maker *m, struct json_object *root);

/* {"name":"text"}, for json_object_put(); NULL without memory. */
struct json_object *ctl_json_text(const char *name, const char *text);

/* The answer to `status`; NULL without memory. clients: how many the control socket has. */
struct json_object *ctl_json_status(const struct ctl_facts *facts, size_t clients);

/* One flow of the answer to `flows`; NULL without memory. */
struct json_object *ctl_json_flow(const struct flow_record *record);

/* The answer to `config`, and with "text":true; NULL without memory. */
struct json_object *ctl_json_config(const struct config *config);
struct json_object *ctl_json_config_text(const struct config *config);

/* Add the object, as text without a newline, to the client's answer. 0, or as ctl_client_add();
 * -ENOMEM also for NULL. */
int ctl_json_add(struct ctl_client *c, struct json_object *object);

/* Make the object the client's whole answer and send it; when that cannot be, send an error. Frees
 * the object. */
void ctl_json_send(struct ctl_client *c, struct json_object *object);

#endif
