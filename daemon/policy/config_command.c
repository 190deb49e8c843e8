/* Command lines of the configuration, and the programs in them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "policy/command.h"
#include "policy/config_lines.h"
#include "policy/config_values.h"

/* Whoever may write it decides where flows go. That it is missing shows only when it is run, too. */
static int check_program(const struct value_in *in, const char *path)
{
	struct stat st;

	if (path[0] != '/')
		return value_fault(in, "`%s` must begin with the absolute path of a program",
				   in->text);
	if (stat(path, &st) < 0) {
		config_warn(in->notes, in->at, "%s: cannot find %s: %s", in->key->name, path,
			    strerror(errno));
		return 0;
	}
	if (S_ISREG(st.st_mode) && !(st.st_mode & 0111))
		config_warn(in->notes, in->at, "%s: %s is not executable: chmod +x", in->key->name,
			    path);
	return config_check_file(&st, path, in->notes, in->at) ? -EINVAL : 0;
}

static int parse_command(const struct value_in *in)
{
	char **field = value_field(in, in->key->offset);
	char *words[COMMAND_MOST_WORDS + 1];
	const char *command = in->text;
	int count, err;

	(void)command_is_line(&command);
	count = command_split(command, words);
	if (count == -ENOMEM)
		return count;
	if (count == -EINVAL)
		return value_fault(in, "`%s`: a quote has no end", in->text);
	if (count == -E2BIG)
		return value_fault(in, "more than %d words: write a script", COMMAND_MOST_WORDS);
	err = check_program(in, count ? words[0] : "");
	for (int i = 0; i < count; i++)
		free(words[i]);
	if (err)
		return err;
	*field = strdup(in->text);
	return *field ? 0 : -ENOMEM;
}

static const char *show_command(const struct value_out *out, size_t i, char text[VALUE_TEXT_BYTES])
{
	char *const *field = value_shown(out, out->key->offset);

	(void)text;
	return i ? NULL : *field;
}

static void command_done(void *object, const struct config_key *key)
{
	char **field = value_field(&(struct value_in){ .object = object }, key->offset);

	free(*field);
	*field = NULL;
}

const struct value_type value_command = { parse_command, show_command, command_done, false };
