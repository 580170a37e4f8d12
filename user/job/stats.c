// SPDX-License-Identifier: GPL-2.0-only
/* What the kernel counts for a job that runs, for `stats`. */
#include "job/parts.h"

json_t *sbx_job_stats(struct sbx_engine *engine, const struct sbx_job_info *info)
{
	json_t *network = sbx_traffic_build(engine, &info->binding);
	struct sbx_job_state state;

	/* another build's engine counts its jobs by itself, and one may just have ended */
	if (!network || sbx_engine_state(engine, info->binding.job, &state)) {
		json_decref(network);
		return NULL;
	}
	return json_pack("{s:s, s:I, s:b, s:I, s:o, s:I, s:I, s:b, s:o}", "name", info->name, "job",
			 (json_int_t)info->binding.job, "alive", (int)info->alive, "violations",
			 (json_int_t)state.refused, "escapes", sbx_result_escapes(&state), "lost",
			 (json_int_t)state.lost, "limited", (json_int_t)state.limited,
			 "quarantined", state.quarantined != 0, "network", network);
}
