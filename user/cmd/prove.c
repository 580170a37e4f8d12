// SPDX-License-Identifier: GPL-2.0-only
/*
 * `sbx-bpf doctor --prove`: the harmless part of the attack suite (tests/escape), tried on this
 * host as a real job under the built-in policy strict.  A refusal counts when the program saw an
 * errno and the log names what was attempted.  What it makes lies in one folder, which is removed.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "job/job.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/log.h"

#define MARK "/none/mark."

struct proof {
	char helper[4096];
	char base[64];	 /* the folder */
	char world[96];	 /* what the techniques try to reach, made by the helper */
	char log[96];	 /* of the job */
	pid_t keeper;	 /* the helper that keeps the world; 0: none */
	int keeper_fd;	 /* it ends when this is closed */
	json_t *known;	 /* name -> descriptor */
	json_t *results; /* name -> {name, result, errno} */
	json_t *events;	 /* name -> list of events */
};

/* Starts a program; `ret_in` (may be NULL: /dev/null) and `ret_out` are our ends, close-on-exec. */
static pid_t start(char *const argv[], const char *folder, int *ret_in, int *ret_out)
{
	int in[2] = { -1, -1 }, out[2] = { -1, -1 };
	pid_t pid = -1;

	if ((ret_in ? pipe2(in, O_CLOEXEC)
		    : (in[0] = open("/dev/null", O_RDONLY | O_CLOEXEC)) < 0) ||
	    pipe2(out, O_CLOEXEC))
		goto done;
	pid = fork();
	if (!pid) {
		if (dup2(in[0], STDIN_FILENO) < 0 || dup2(out[1], STDOUT_FILENO) < 0 ||
		    (folder && chdir(folder)))
			_exit(SBX_EXIT_FAILURE);
		(void)execv(argv[0], argv);
		_exit(SBX_EXIT_FAILURE);
	}
done:
	sbx_closep(&in[0]);
	sbx_closep(&out[1]);
	if (pid < 0) {
		sbx_closep(&in[1]);
		sbx_closep(&out[0]);
		return -1;
	}
	if (ret_in)
		*ret_in = in[1];
	*ret_out = out[0];
	return pid;
}

/* The exit status, or 125 for any other end. */
static int ended(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return SBX_EXIT_FAILURE;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : SBX_EXIT_FAILURE;
}

/* Beside an installed sbx-bpf, or in the folder of the build. */
static int find_helper(struct proof *proof, struct sbx_error *err)
{
	static const char *const places[] = { "../libexec/sbx-bpf/escape", "escape/escape" };
	char self[2048];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n < 0)
		return sbx_fail(err, errno, NULL, "cannot read /proc/self/exe (%s)",
				sbx_errno_name(errno));
	self[n] = '\0';
	*strrchr(self, '/') = '\0';
	for (size_t i = 0; i < SBX_ARRAY_SIZE(places); i++) {
		(void)snprintf(proof->helper, sizeof(proof->helper), "%s/%s", self, places[i]);
		if (!access(proof->helper, X_OK))
			return 0;
	}
	return sbx_fail(err, ENOENT, "make install (or make escape-bins, in the build's folder)",
			"the attack suite is not installed: no \"%s/%s\"", self, places[0]);
}

/* One JSON object a line, filed under its member `name`. */
static int read_objects(int fd, json_t *ret_objects)
{
	sbx_cleanup(sbx_fclosep) FILE *file = fdopen(fd, "r");
	sbx_cleanup(sbx_freep) char *line = NULL;
	size_t size = 0;

	if (!file)
		return -errno;
	while (getline(&line, &size, file) > 0) {
		json_t *object = json_loads(line, 0, NULL);
		const char *name = json_string_value(json_object_get(object, "name"));

		if (!name) {
			json_decref(object);
			return -EPROTO;
		}
		(void)json_object_set_new(ret_objects, name, object);
	}
	return 0;
}

static int read_known(struct proof *proof, struct sbx_error *err)
{
	char *const argv[] = { proof->helper, (char[]){ "list" }, NULL };
	int fd = -1;
	pid_t pid = start(argv, NULL, NULL, &fd);
	int r = pid < 0 ? -errno : read_objects(fd, proof->known);

	if (pid > 0 && ended(pid) && !r)
		r = -EPROTO;
	return r ? sbx_fail(err, -r, NULL, "\"%s list\" failed (%s)", proof->helper,
			    sbx_errno_name(r))
		 : 0;
}

static int make_world(struct proof *proof, struct sbx_error *err)
{
	char *const argv[] = { proof->helper, (char[]){ "world" }, (char[]){ "--harmless" },
			       proof->world, NULL };
	char word[256] = "";
	int fd = -1;
	ssize_t n;

	(void)snprintf(proof->base, sizeof(proof->base), "/var/tmp/sbx-bpf-prove.XXXXXX");
	if (!mkdtemp(proof->base))
		return sbx_fail(err, errno, NULL, "cannot make a folder in /var/tmp (%s)",
				sbx_errno_name(errno));
	(void)snprintf(proof->world, sizeof(proof->world), "%s/world", proof->base);
	(void)snprintf(proof->log, sizeof(proof->log), "%s/log.jsonl", proof->base);
	proof->keeper = start(argv, NULL, &proof->keeper_fd, &fd);
	if (proof->keeper < 0)
		return sbx_fail(err, errno, NULL, "cannot start \"%s\" (%s)", proof->helper,
				sbx_errno_name(errno));
	n = read(fd, word, sizeof(word) - 1);
	(void)close(fd);
	word[n > 0 ? strcspn(word, "\n") : 0] = '\0';
	if (strcmp(word, "ready") != 0)
		return sbx_fail(err, EIO, NULL, "cannot make what is to be reached in \"%s\" (%s)",
				proof->base, *word ? word : "no answer");
	return 0;
}

static void remove_world(struct proof *proof)
{
	sbx_closep(&proof->keeper_fd);
	if (proof->keeper > 0)
		(void)ended(proof->keeper);
	if (*proof->log)
		(void)unlink(proof->log);
	if (*proof->base && rmdir(proof->base))
		sbx_log(SBX_LOG_WARN, "\"%s\" could not be removed: %s", proof->base,
			sbx_errno_name(errno));
}

/* This program again, as anybody would call it. */
static int run_job(struct proof *proof, struct sbx_error *err)
{
	char policy[128], work[128], program[128], name[64];
	char *const argv[] = { (char[]){ "/proc/self/exe" },
			       (char[]){ "-q" },
			       (char[]){ "run" },
			       (char[]){ "--name" },
			       name,
			       (char[]){ "--policy" },
			       policy,
			       (char[]){ "--audit" },
			       proof->log,
			       (char[]){ "--" },
			       program,
			       (char[]){ "attempt" },
			       (char[]){ "--harmless" },
			       (char[]){ "--mark" },
			       proof->world,
			       NULL };
	int fd = -1, status, r;
	pid_t pid;

	(void)snprintf(policy, sizeof(policy), "%s/policy.yaml", proof->world);
	(void)snprintf(work, sizeof(work), "%s/work", proof->world);
	(void)snprintf(program, sizeof(program), "%s/work/escape", proof->world);
	(void)snprintf(name, sizeof(name), "prove-%d", getpid());
	pid = start(argv, work, NULL, &fd);
	if (pid < 0)
		return sbx_fail(err, errno, NULL, "cannot start a job (%s)", sbx_errno_name(errno));
	r = read_objects(fd, proof->results);
	status = ended(pid);
	if (r || status)
		return sbx_fail(err, EIO, "sbx-bpf doctor", "the job failed (exit status %d)",
				status);
	return 0;
}

/* The folder that is refused after each technique cuts the log. */
static const char *marked(json_t *event)
{
	const char *op = json_string_value(json_object_get(event, "op"));
	const char *path =
		json_string_value(json_object_get(json_object_get(event, "object"), "path"));
	const char *at = path ? strstr(path, MARK) : NULL;

	return at && op && !strcmp(op, "mkdir") ? at + strlen(MARK) : NULL;
}

static int read_events(struct proof *proof, struct sbx_error *err)
{
	sbx_cleanup(sbx_freep) char *text = NULL;
	json_t *seen = json_array();
	char *rest, *line, name[128];
	size_t len;
	int r = sbx_file_read(proof->log, &text, &len);

	if (r) {
		json_decref(seen);
		return sbx_fail(err, -r, NULL, "cannot read the job's log \"%s\" (%s)", proof->log,
				sbx_errno_name(r));
	}
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		json_t *event = json_loads(line, 0, NULL);
		const char *mark = marked(event);

		if (!mark) {
			(void)json_array_append_new(seen, event);
			continue;
		}
		(void)snprintf(name, sizeof(name), "%s", mark);
		name[strcspn(name, ".")] = '/';
		(void)json_object_set_new(proof->events, name, seen);
		json_decref(event);
		seen = json_array();
	}
	json_decref(seen);
	return 0;
}

/* Is `word` one of the words that | separates, up to the first space? */
static bool is_among(const char *words, const char *word)
{
	size_t len = word ? strlen(word) : 0;

	for (const char *at = words; len && *at && *at != ' '; at += strspn(at, "|")) {
		size_t n = strcspn(at, "| ");

		if (n == len && !strncmp(at, word, n))
			return true;
		at += n;
	}
	return false;
}

/* Does one of the technique's events name the operation or guard, and the object, of `wanted`? */
static bool is_logged(const char *wanted, json_t *events)
{
	const char *part = strchr(wanted, ' ');
	size_t i;
	json_t *event;

	json_array_foreach (events, i, event) {
		sbx_cleanup(sbx_freep) char *object =
			json_dumps(json_object_get(event, "object"), JSON_ENCODE_ANY);

		if (!is_among(wanted, json_string_value(json_object_get(event, "op"))) &&
		    !is_among(wanted, json_string_value(json_object_get(event, "guard"))))
			continue;
		if (!part || !strcmp(part, " .") || (object && strstr(object, part + 1)))
			return true;
	}
	return false;
}

/*
 * "refused", "gap" (known to get through), "reached", "skipped" (the host lacks what it needs), or
 * "unseen" (no event).
 */
static const char *judge(const struct proof *proof, const char *name, json_t *result)
{
	json_t *known = json_object_get(proof->known, name);
	const char *wanted = json_string_value(json_object_get(known, "event"));

	if (!json_object_get(result, "errno"))
		return json_is_string(json_object_get(known, "gap")) ? "gap" : "reached";
	if (!wanted || is_logged(wanted, json_object_get(proof->events, name)))
		return "refused";
	return json_is_string(json_object_get(known, "needs")) ? "skipped" : "unseen";
}

static int print_proof(const struct proof *proof)
{
	bool json = sbx_globals()->json, quiet = sbx_globals()->quiet;
	json_t *list = json_array(), *result;
	size_t refused = 0, skipped = 0, gaps = 0, bad = 0;
	const char *name;

	json_object_foreach (proof->results, name, result) {
		const char *verdict = judge(proof, name, result);
		json_t *known = json_object_get(proof->known, name);
		const char *error = json_string_value(json_object_get(result, "errno"));
		const char *what = json_string_value(json_object_get(known, "what"));

		refused += !strcmp(verdict, "refused");
		skipped += !strcmp(verdict, "skipped");
		gaps += !strcmp(verdict, "gap");
		bad += !strcmp(verdict, "reached") || !strcmp(verdict, "unseen");
		if (!json && !quiet)
			printf("%-8s %-14s %-28s %s\n", verdict, error ? error : "", name, what);
		(void)json_array_append_new(list,
					    json_pack("{s:s, s:s, s:s, s:s?}", "name", name, "what",
						      what, "verdict", verdict, "errno", error));
	}
	if (json) {
		result = json_pack("{s:b, s:I, s:I, s:I, s:I, s:O}", "proved", (int)!bad, "refused",
				   (json_int_t)refused, "skipped", (json_int_t)skipped, "gaps",
				   (json_int_t)gaps, "failed", (json_int_t)bad, "techniques", list);
		(void)json_dumpf(result, stdout, JSON_INDENT(2)); /* main checks stdout */
		(void)putchar('\n');
		json_decref(result);
	} else if (!quiet) {
		printf("%zu refused, %zu skipped, %zu known gaps (security.md), %zu failed\n",
		       refused, skipped, gaps, bad);
	}
	json_decref(list);
	return bad || !refused ? 1 : SBX_EXIT_OK;
}

static int prove(struct proof *proof, struct sbx_error *err)
{
	int r = find_helper(proof, err);

	if (!r)
		r = read_known(proof, err);
	if (!r)
		r = make_world(proof, err);
	if (!r)
		r = run_job(proof, err);
	if (!r)
		r = read_events(proof, err);
	remove_world(proof);
	return r;
}

int sbx_cmd_prove(void)
{
	static const struct sbx_accept accept = { .best_effort = false };
	struct proof proof = { .keeper_fd = -1,
			       .known = json_object(),
			       .results = json_object(),
			       .events = json_object() };
	struct sbx_engine *engine = NULL;
	struct sbx_error err = { 0 };
	bool loaded = false;
	int status, r = sbx_engine_open(&accept, &engine, &loaded, &err);

	if (!r)
		r = prove(&proof, &err);
	sbx_engine_close(engine);
	status = r ? sbx_cmd_fail(&err) : print_proof(&proof);
	if (loaded && sbx_engine_unload(false, &err))
		sbx_log(SBX_LOG_WARN, "the engine stays loaded: %s", err.text);
	json_decref(proof.known);
	json_decref(proof.results);
	json_decref(proof.events);
	return status;
}
