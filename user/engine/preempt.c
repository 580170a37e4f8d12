// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether this kernel can preempt itself.  It matters because a program on a function (fmod_ret,
 * fentry) that was preempted half-way is skipped for every other task on that processor.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <zlib.h>

#include "engine/engine.h"
#include "lib/cleanup.h"
#include "lib/file.h"

static const struct {
	const char *word;   /* as in preempt=WORD and in debugfs */
	const char *config; /* the kernel's default, as a line of its configuration */
	enum sbx_preempt mode;
} modes[] = {
	{ "none", "\nCONFIG_PREEMPT_NONE=y\n", SBX_PREEMPT_NONE },
	{ "voluntary", "\nCONFIG_PREEMPT_VOLUNTARY=y\n", SBX_PREEMPT_VOLUNTARY },
	{ "lazy", "\nCONFIG_PREEMPT_LAZY=y\n", SBX_PREEMPT_LAZY },
	{ "full", "\nCONFIG_PREEMPT=y\n", SBX_PREEMPT_FULL },
};

const char *sbx_preempt_to_str(enum sbx_preempt mode)
{
	for (size_t i = 0; i < SBX_ARRAY_SIZE(modes); i++) {
		if (modes[i].mode == mode)
			return modes[i].word;
	}
	return "unknown";
}

static enum sbx_preempt from_word(const char *word, size_t len)
{
	for (size_t i = 0; i < SBX_ARRAY_SIZE(modes); i++) {
		if (strlen(modes[i].word) == len && !memcmp(modes[i].word, word, len))
			return modes[i].mode;
	}
	return SBX_PREEMPT_UNKNOWN;
}

/* "none voluntary (full) lazy": the one in parentheses. */
static enum sbx_preempt from_sched(const char *text)
{
	const char *at = strchr(text, '(');

	return at ? from_word(at + 1, strcspn(at + 1, ")")) : SBX_PREEMPT_UNKNOWN;
}

/* The last preempt=WORD, as the kernel takes it. */
static enum sbx_preempt from_cmdline(const char *text)
{
	static const char key[] = "preempt=";
	enum sbx_preempt mode = SBX_PREEMPT_UNKNOWN;

	for (const char *at = text; (at = strstr(at, key)); at += sizeof(key) - 1) {
		if (at == text || at[-1] == ' ')
			mode = from_word(at + sizeof(key) - 1,
					 strcspn(at + sizeof(key) - 1, " \n"));
	}
	return mode;
}

/* `uname -v` names what was built in; only PREEMPT_DYNAMIC leaves it open. */
static enum sbx_preempt from_version(const char *text)
{
	if (strstr(text, "PREEMPT_DYNAMIC"))
		return SBX_PREEMPT_UNKNOWN;
	if (strstr(text, "PREEMPT_LAZY"))
		return SBX_PREEMPT_LAZY;
	return strstr(text, "PREEMPT") ? SBX_PREEMPT_FULL : SBX_PREEMPT_NONE;
}

static enum sbx_preempt from_config(const char *text)
{
	for (size_t i = 0; i < SBX_ARRAY_SIZE(modes); i++) {
		if (strstr(text, modes[i].config))
			return modes[i].mode;
	}
	return SBX_PREEMPT_UNKNOWN;
}

enum sbx_preempt sbx_preempt_find(const struct sbx_preempt_sources *sources, const char **ret_from)
{
	const struct {
		const char *name;
		const char *text;
		enum sbx_preempt (*find)(const char *text);
	} tries[] = {
		{ "/sys/kernel/debug/sched/preempt", sources->sched, from_sched },
		{ "uname -v", sources->version, from_version },
		{ "/proc/cmdline", sources->cmdline, from_cmdline },
		{ "the kernel's configuration", sources->config, from_config },
	};

	for (size_t i = 0; i < SBX_ARRAY_SIZE(tries); i++) {
		enum sbx_preempt mode =
			tries[i].text ? tries[i].find(tries[i].text) : SBX_PREEMPT_UNKNOWN;

		if (mode != SBX_PREEMPT_UNKNOWN) {
			*ret_from = tries[i].name;
			return mode;
		}
	}
	*ret_from = "nothing tells";
	return SBX_PREEMPT_UNKNOWN;
}

/* Plain or packed; NULL: not there. */
static char *read_config(const char *release)
{
	enum { ROOM = 1 << 20 }; /* distributions' are some 300 KB */
	char path[160];
	char *text;
	gzFile file;
	int n;

	file = gzopen("/proc/config.gz", "re");
	if (!file) {
		(void)snprintf(path, sizeof(path), "/boot/config-%s", release);
		file = gzopen(path, "re");
	}
	if (!file)
		return NULL;
	text = malloc(ROOM);
	n = text ? gzread(file, text, ROOM - 1) : -1;
	(void)gzclose(file);
	if (n < 0) {
		free(text);
		return NULL;
	}
	text[n] = '\0';
	return text;
}

void sbx_probe_preempt(struct sbx_probe *probe)
{
	sbx_cleanup(sbx_freep) char *sched = NULL;
	sbx_cleanup(sbx_freep) char *cmdline = NULL;
	sbx_cleanup(sbx_freep) char *config = NULL;
	struct sbx_preempt_sources sources = { 0 };
	struct utsname names;

	(void)sbx_file_read("/sys/kernel/debug/sched/preempt", &sched, NULL);
	(void)sbx_file_read("/proc/cmdline", &cmdline, NULL);
	sources.sched = sched;
	sources.cmdline = cmdline;
	sources.version = uname(&names) ? NULL : names.version;
	probe->preempt = sbx_preempt_find(&sources, &probe->preempt_from);
	if (probe->preempt == SBX_PREEMPT_UNKNOWN) {
		config = read_config(probe->release);
		sources.config = config;
		probe->preempt = sbx_preempt_find(&sources, &probe->preempt_from);
	}
}
