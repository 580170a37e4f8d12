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

const char *const *sbx_mechanism_gaps(enum sbx_mechanism mechanism)
{
	static const char *const none[] = { NULL };
	static const char *const fmod_ret[] = {
#define SBX_GAP(suite, test, meaning) meaning,
#include "engine/gaps.def"
#undef SBX_GAP
		NULL,
	};

	return mechanism == SBX_MECHANISM_FMOD_RET ? fmod_ret : none;
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
	return r;
}

int sbx_mechanism_suffices(enum sbx_mechanism mechanism, const struct sbx_probe *probe,
			   const struct sbx_accept *accept, struct sbx_error *err)
{
	if (accept->force && mechanism != accept->force)
		return sbx_fail(err, ENOTSUP, NULL, "mechanism %s was asked for, not %s",
				sbx_mechanism_to_str(accept->force),
				sbx_mechanism_to_str(mechanism));
	if (accept->best_effort || mechanism == SBX_MECHANISM_LSM)
		return 0;
	if (mechanism == SBX_MECHANISM_CGROUP)
		return sbx_fail(err, ENOTSUP, BEST_EFFORT_CURE,
				"mechanism cgroup judges addresses only");
	if (!sbx_preempt_can(probe->preempt))
		return 0;
	return sbx_fail(err, ENOTSUP, BEST_EFFORT_CURE,
			"fmod_ret, which would stand in, can be got round here: this kernel can "
			"preempt a task half-way through a program, which is then skipped for "
			"others on that processor (preemption: %s, found by: %s)",
			sbx_preempt_to_str(probe->preempt), probe->preempt_from);
}

/* Adds to what is said already. */
static void join(char *text, size_t size, const char *separator, const char *more)
{
	size_t n = strlen(text);

	if (*more && n < size)
		(void)snprintf(text + n, size - n, "%s%s", n ? separator : "", more);
}

/*
 * What the strongest mechanism lacks, and why the next does not do either.  Where hooks take no
 * programs both lack the same, and that they judge more than addresses goes without saying.
 */
static void explain(enum sbx_mechanism mechanism, const struct sbx_error *why,
		    struct sbx_error *all)
{
	if (mechanism == SBX_MECHANISM_CGROUP) {
		join(all->cure, sizeof(all->cure), "; ", why->cure);
	} else if (!strstr(all->text, why->text)) {
		join(all->text, sizeof(all->text), "; ", why->text);
		if (!*all->cure)
			join(all->cure, sizeof(all->cure), "", why->cure);
	}
}

int sbx_mechanism_choose(const struct sbx_probe *probe, const struct sbx_accept *accept,
			 enum sbx_mechanism *ret_mechanism, struct sbx_error *err)
{
	struct sbx_error all = { 0 };
	int r = sbx_probe_require(probe, err);

	for (int i = SBX_MECHANISM_LSM; !r && i < SBX_MECHANISM_MAX_; i++) {
		enum sbx_mechanism mechanism = (enum sbx_mechanism)i;
		struct sbx_error why = { 0 };

		if (accept->force && mechanism != accept->force)
			continue;
		if (!sbx_mechanism_lacks(probe, mechanism, &why) &&
		    !sbx_mechanism_suffices(mechanism, probe, accept, &why)) {
			*ret_mechanism = mechanism;
			return 0;
		}
		explain(mechanism, &why, &all);
	}
	return r ? r : sbx_fail(err, ENOTSUP, all.cure, "%s", all.text);
}
