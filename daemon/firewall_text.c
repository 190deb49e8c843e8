/* The planned tables as text. */
#include <stdio.h>
#include <stdlib.h>

#include "firewall_state.h"
#include "nft/plan_text.h"

static void put_boot_file(FILE *out, const struct firewall *fw)
{
	size_t i;
	bool is_any = false;

	(void)fputs(
		"# Refuses the closed diverts until shuntd runs: load it at boot with nft -f.\n",
		out);
	for (i = 0; i < fw->config->divert_count; i++)
		is_any = is_any || fw->config->diverts[i].is_fail_closed;
	if (!is_any) {
		(void)fputs("# No divert is `fail = closed`: nothing to refuse.\n", out);
		return;
	}
	/* so that it can be loaded twice */
	(void)fprintf(out, "table inet %s\ndelete table inet %s\n", fw->plan->lasting.name,
		      fw->plan->lasting.name);
	plan_text(out, &fw->plan->lasting);
}

char *firewall_text(const struct firewall *fw, bool is_closed)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	if (is_closed) {
		put_boot_file(out, fw);
	} else {
		plan_text(out, &fw->plan->lasting);
		(void)fputc('\n', out);
		plan_text(out, &fw->plan->owned);
	}
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	return text;
}
