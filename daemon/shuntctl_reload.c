/* `shuntctl reload`: whether the configuration was taken up. */
#include <stdio.h>
#include <string.h>

#include "shuntctl.h"

void shuntctl_show_reload(const struct json_object *answer, unsigned width)
{
	const char *last = shuntctl_text(answer, "last");

	(void)width; /* one word fits */
	if (strcmp(last, "ok") == 0)
		(void)puts("reloaded");
	else if (strcmp(last, "unchanged") == 0)
		(void)puts("unchanged: there was nothing to do");
}

bool shuntctl_judge_reload(const struct json_object *answer)
{
	const struct json_object *faults = shuntctl_array(answer, "faults");

	if (strcmp(shuntctl_text(answer, "last"), "refused") != 0)
		return true;
	if (shuntctl_length(faults) == 0)
		(void)shuntctl_fail("reload", "refused", 1);
	for (size_t i = 0; i < shuntctl_length(faults); i++)
		(void)shuntctl_fail(
			"reload", json_object_get_string(json_object_array_get_idx(faults, i)), 1);
	return false;
}
