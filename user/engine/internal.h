/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of this folder share, and nobody else includes. */
#ifndef SBX_ENGINE_INTERNAL_H
#define SBX_ENGINE_INTERNAL_H

#include <stddef.h>

#include "engine/engine.h"

/* The engine's maps, in the order in which they are pinned and opened. */
enum sbx_map {
	SBX_MAP_SUBJECTS,
	SBX_MAP_JOBS,
	SBX_MAP_STATE,
	SBX_MAP_EDGES,
	SBX_MAP_PREFIXES,
	SBX_MAP_CLASSES,
	SBX_MAP_PROGRAMS,
	SBX_MAP_RINGS,
	SBX_MAP_GRANTS,
	SBX_MAP_PENDINGS,
	SBX_MAP_METERS,
	SBX_MAP_DESTS,
	SBX_MAP_META,
	SBX_MAP_KEEPERS,
	SBX_MAP_MAX_,
};

struct sbx_engine {
	char pins[256];	       /* the pin directory of this build */
	char cgroup_root[160]; /* directory of all jobs' cgroups */
	enum sbx_mechanism mechanism;
	int map_fds[SBX_MAP_MAX_];
	__u64 bound_job; /* the job bound last ... */
	int ring_fd;	 /* ... its ring, until somebody reads it; -1: none */
	int dests_fd;	 /* ... and its destinations; -1: none */
};

/* --- pins.c: names and places under bpffs ------------------------------------------------- */

/* "<bpffs>/sbx-bpf"; mounts a bpffs where there is none. */
int sbx_pins_root(const struct sbx_probe *probe, char *ret_path, size_t size,
		  struct sbx_error *err);
/* Takes the lock that serialises loading, unloading and the giving out of ids. */
int sbx_pins_lock(int *ret_fd, struct sbx_error *err);
void sbx_pins_unlock(int fd);
/* Removes a pin directory and all in it; what is missing is no error. */
int sbx_pins_remove(const char *dir);
/* Name of a map's pin, and what its sizes must be. */
const char *sbx_map_name(enum sbx_map map);
/* Opens the maps pinned in engine->pins and checks type and sizes. -ESTALE: they do not fit. */
int sbx_pins_open_maps(struct sbx_engine *engine);
/* Every link that meta counts is there, attached, and on the cgroup root. -ESTALE: not so. */
int sbx_pins_check_links(const struct sbx_engine *engine);

/* --- hooks.c ------------------------------------------------------------------------------- */

struct bpf_object;
/* Leaves out what this kernel or mechanism has no place for, and binds the rest. */
int sbx_hooks_fit(struct bpf_object *object, enum sbx_mechanism mechanism, struct sbx_error *err);

/* --- load.c: the only file that knows the skeleton ----------------------------------------- */

/* Identifies this build's programs: part of the pin directory's name. Static string. */
const char *sbx_load_build(void);
/* Loads and attaches the mechanism's programs and pins everything under `dir`. */
int sbx_load_pin(const struct sbx_probe *probe, enum sbx_mechanism mechanism, const char *dir,
		 const char *cgroup_root, struct sbx_error *err);

/*
 * Before the first job with a budget of bytes written: attaches the programs that the load has
 * left for later, if they are not; until the engine is unloaded.  The lock is held.
 */
int sbx_later_attach(struct sbx_engine *engine, struct sbx_error *err);

/* --- meta ----------------------------------------------------------------------------------- */

int sbx_meta_read(const struct sbx_engine *engine, struct sbx_meta *ret_meta);
int sbx_meta_write(const struct sbx_engine *engine, const struct sbx_meta *meta);

/* The entry of a job, also while it is bound or released (`id` is 0 then). 0 or negative errno. */
int sbx_job_entry(const struct sbx_engine *engine, __u64 id, struct sbx_job *ret_job);

/* Id of a cgroup directory, or 0. */
__u64 sbx_cgroup_id_of(const char *path);
/* Path of a cgroup by its id, or -ENOENT when it is gone. */
int sbx_cgroup_path_of(const struct sbx_engine *engine, __u64 id, char *ret_path, size_t size);

/* sbx_engine_bind for a caller that holds the engine's lock. */
int sbx_engine_bind_locked(struct sbx_engine *engine, const struct sbx_compiled *compiled,
			   const char *cgroup_path, struct sbx_binding *ret_binding,
			   struct sbx_error *err);

/* --- canary.c -------------------------------------------------------------------------------- */

/* Makes the resident canary job, for use by every later sbx_canary. */
int sbx_canary_make(struct sbx_engine *engine, struct sbx_error *err);
/* Path of its cgroup. */
void sbx_canary_cgroup(const struct sbx_engine *engine, char *ret_path, size_t size);

#endif /* SBX_ENGINE_INTERNAL_H */
