// SPDX-License-Identifier: GPL-2.0-only
/* Which mechanism refuses: words, what a host lacks for each, and the choice. Pure. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "engine/engine.h"
#include "lib/cleanup.h"

#define BEST_EFFORT_CURE "or accept less: `require: best-effort`"

static const char *const words[SBX_MECHANISM_MAX_] = {
	[SBX_MECHANISM_LSM] = "lsm",
	[SBX_MECHANISM_FMOD_RET] = "fmod_ret",
	[SBX_MECHANISM_CGROUP] = "cgroup",
};

const char *sbx_mechanism_to_str(enum sbx_mechanism mechanism)
{
	return mechanism < SBX_MECHANISM_MAX_ && words[mechanism] ? words[mechanism] : "none";
}

int sbx_mechanism_from_str(const char *word, enum sbx_mechanism *ret_mechanism)
{
	for (int i = SBX_MECHANISM_LSM; i < SBX_MECHANISM_MAX_; i++) {
		if (!strcmp(words[i], word)) {
			*ret_mechanism = (enum sbx_mechanism)i;
			return 0;
		}
	}
	return -ENOENT;
}

bool sbx_mechanism_judges_paths(enum sbx_mechanism mechanism)
{
	return mechanism == SBX_MECHANISM_LSM || mechanism == SBX_MECHANISM_FMOD_RET;
}

static int lacks_lsm(const struct sbx_probe *probe, struct sbx_error *err)
{
	if (!probe->lsm_known)
		return sbx_fail(err, ENOTSUP, "mount -t securityfs none /sys/kernel/security",
				"/sys/kernel/security/lsm cannot be read, so nothing tells whether "
				"BPF LSM programs are called");
	if (!probe->bpf_in_lsm)
		return sbx_fail(err, ENOTSUP,
				"boot with `bpf` added at the end of the lsm= kernel parameter",
				"`bpf` is missing from the active security modules (%s)",
				probe->lsm);
	return 0;
}

/* Both lsm and fmod_ret hang on the kernel's functions, which lockdown can forbid. */
static int lacks_trampolines(const struct sbx_probe *probe, struct sbx_error *err)
{
	if (probe->trampolines >= 0)
		return 0;
	return sbx_fail(err, ENOTSUP,
			probe->lockdown ? "boot without lockdown= and without secure boot"
					: "use a kernel that allows BPF programs on its functions "
					  "(stock Debian, Ubuntu and Fedora kernels do)",
			"the kernel refuses BPF programs on its functions (tried with one: %s%s)",
			sbx_errno_name(probe->trampolines),
			probe->lockdown ? ", and /sys/kernel/security/lockdown is not [none]" : "");
}

int sbx_mechanism_lacks(const struct sbx_probe *probe, enum sbx_mechanism mechanism,
			struct sbx_error *err)
{
	int r = sbx_probe_require(probe, err);

	if (r || mechanism == SBX_MECHANISM_CGROUP)
		return r;
	r = lacks_trampolines(probe, err);
	if (!r && mechanism == SBX_MECHANISM_LSM)
		r = lacks_lsm(probe, err);
	if (!r && mechanism == SBX_MECHANISM_FMOD_RET)
		r = sbx_fail(err, ENOTSUP, NULL, "this version has no fmod_ret yet");
	return r;
}

int sbx_mechanism_suffices(enum sbx_mechanism mechanism, const struct sbx_probe *probe,
			   const struct sbx_accept *accept, struct sbx_error *err)
{
	(void)probe;
	if (accept->force && mechanism != accept->force)
		return sbx_fail(err, ENOTSUP, NULL, "mechanism %s was asked for, not %s",
				sbx_mechanism_to_str(accept->force),
				sbx_mechanism_to_str(mechanism));
	if (accept->best_effort || mechanism == SBX_MECHANISM_LSM)
		return 0;
	return sbx_fail(err, ENOTSUP, BEST_EFFORT_CURE,
			"mechanism cgroup judges addresses only, which is less than `require: "
			"kernel` asks for");
}

/* What the strongest mechanism lacks is what the user wants to know; less may be had for a word. */
static int refuse(const struct sbx_probe *probe, const struct sbx_accept *accept, int code,
		  const struct sbx_error *first, struct sbx_error *err)
{
	bool less = !accept->force && !accept->best_effort &&
		    !sbx_mechanism_lacks(probe, SBX_MECHANISM_CGROUP, NULL);
	char cure[sizeof(first->cure) + 64];

	(void)snprintf(cure, sizeof(cure), "%s%s%s", first->cure, less && *first->cure ? "; " : "",
		       less ? BEST_EFFORT_CURE : "");
	return sbx_fail(err, code, cure, "%s", first->text);
}

int sbx_mechanism_choose(const struct sbx_probe *probe, const struct sbx_accept *accept,
			 enum sbx_mechanism *ret_mechanism, struct sbx_error *err)
{
	struct sbx_error first = { 0 };
	int code = 0;

	for (int i = SBX_MECHANISM_LSM; i < SBX_MECHANISM_MAX_; i++) {
		enum sbx_mechanism mechanism = (enum sbx_mechanism)i;
		struct sbx_error why = { 0 };
		int r;

		if (accept->force && mechanism != accept->force)
			continue;
		r = sbx_mechanism_lacks(probe, mechanism, &why);
		if (!r)
			r = sbx_mechanism_suffices(mechanism, probe, accept, &why);
		if (!r) {
			*ret_mechanism = mechanism;
			return 0;
		}
		if (!code) {
			code = -r;
			first = why;
		}
	}
	return refuse(probe, accept, code, &first, err);
}
