# SPDX-License-Identifier: GPL-2.0-only
# All products go under .output/.  `make V=1` shows the commands.
#
#   make demo    on a fresh Debian: install what is missing, build, run the main job for real
#   make check   on a fresh Debian: install what tests need, pass them all (what CI runs)

MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
.SECONDARY:
.DEFAULT_GOAL := all

O := .output
ARCH := $(shell uname -m)
CC := gcc
CLANG ?= clang
BPFTOOL ?= $(firstword $(wildcard /usr/sbin/bpftool /sbin/bpftool) bpftool)
PREFIX ?= /usr/local
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
Q := $(if $(V),,@)
say = $(if $(V),@:,@printf '  %-7s %s\n' $(1) '$(2)')

BPF_ARCH := $(patsubst aarch64,arm64,$(patsubst x86_64,x86,$(ARCH)))
BPF_CFLAGS := -target bpf -mcpu=v3 -g -O2 -Wall -Wextra -Wtype-limits -Wno-unused-parameter \
	-Wno-gnu-variable-sized-type-not-at-end -Werror -D__TARGET_ARCH_$(BPF_ARCH) \
	-Ibpf -Iinclude -isystem /usr/include/$(ARCH)-linux-gnu
CFLAGS ?= -O2 -g
WARN := -Wall -Wextra -Wshadow -Wconversion -Wmissing-prototypes -Wstrict-prototypes \
	-Wtype-limits -Werror
USER_CFLAGS := -std=gnu11 -D_GNU_SOURCE -DSBX_VERSION='"$(VERSION)"' $(WARN) -fPIE \
	-D_FORTIFY_SOURCE=2 -fstack-protector-strong -Iuser -Iinclude -isystem $(O)
USER_LDFLAGS := -pie -Wl,-z,relro,-z,now
LIBS := -pthread -lbpf -lelf -lz -lyaml -ljansson -lcap -lnettle -lseccomp
SAN := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

BPF_SRC := $(wildcard bpf/*.bpf.c)
BPF_OBJ := $(BPF_SRC:bpf/%.bpf.c=$(O)/bpf/%.bpf.o)
USER_SRC := $(wildcard user/*/*.c) user/main.c
USER_OBJ := $(USER_SRC:user/%.c=$(O)/user/%.o)
# What can run without a kernel of its own: everything but the engine and main.
PURE_SRC := $(wildcard user/lib/*.c user/policy/*.c user/audit/*.c)
JOB_SRC := $(wildcard user/job/*.c user/cmd/*.c)
UNIT_SRC := $(wildcard tests/unit/test_*.c)
UNIT_BIN := $(UNIT_SRC:tests/unit/%.c=$(O)/unit/%)
KERNEL_BIN := $(patsubst tests/kernel/%.c,$(O)/kernel/%,$(wildcard tests/kernel/test_*.c))
FUZZ_BIN := $(patsubst tests/fuzz/%.c,$(O)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))

all: $(O)/sbx-bpf

# --- the kernel side ------------------------------------------------------------------------

$(O)/bpf/%.bpf.o: bpf/%.bpf.c Makefile
	$(call say,BPF,$<)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -c $< -o $@

$(O)/sbx.bpf.o: $(BPF_OBJ)
	$(call say,LINK,$@)
	$(Q)$(BPFTOOL) gen object $@ $^

$(O)/sbx.skel.h: $(O)/sbx.bpf.o
	$(call say,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name sbx_bpf > $@

# Names the programs: engines of different builds get pin directories of their own.
$(O)/build-id.inc: $(O)/sbx.bpf.o
	$(call say,GEN,$@)
	$(Q)sha256sum < $< | awk '{ print "\"" substr($$1, 1, 12) "\"" }' > $@

# --- the user side ----------------------------------------------------------------------------

EMBED_SRC := tools/embed-presets.c user/policy/yaml.c user/policy/text.c $(wildcard user/lib/*.c)

# Runs here, whatever machine the rest is built for.
$(O)/embed-presets: $(EMBED_SRC) user/policy/yaml.h Makefile
	$(call say,HOSTCC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(filter-out -fPIE,$(USER_CFLAGS)) $(EMBED_SRC) -o $@ $(LIBS)

$(O)/presets.inc: $(O)/embed-presets $(wildcard policies/*.yaml)
	$(call say,GEN,$@)
	$(Q)$(O)/embed-presets $(wildcard policies/*.yaml) > $@

$(O)/user/%.o: user/%.c Makefile | $(O)/presets.inc $(O)/sbx.skel.h $(O)/build-id.inc
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(USER_CFLAGS) -MMD -MP -c $< -o $@

# The compiler does not list system headers, as which the generated ones are included.
$(O)/user/engine/load.o $(O)/san/engine/load.o: $(O)/sbx.skel.h $(O)/build-id.inc
$(O)/user/policy/preset.o $(O)/san/policy/preset.o: $(O)/presets.inc

$(O)/sbx-bpf: $(USER_OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(USER_LDFLAGS) $^ -o $@ $(LIBS)

# --- tests ------------------------------------------------------------------------------------

# The same sources again, with sanitizers.
$(O)/san/%.o: user/%.c Makefile | $(O)/presets.inc $(O)/sbx.skel.h $(O)/build-id.inc
	$(call say,CC-SAN,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(filter-out -D_FORTIFY_SOURCE=2,$(USER_CFLAGS)) $(SAN) -MMD -MP -c $< -o $@

SAN_PURE := $(PURE_SRC:user/%.c=$(O)/san/%.o)
SAN_JOB := $(JOB_SRC:user/%.c=$(O)/san/%.o)

# Tests of the job's parts bring a fake engine of their own.
JOB_TESTS := $(patsubst %,$(O)/unit/%,$(filter test_job% test_launch% test_cgroup% test_cmd% \
	test_watchdog% test_state% test_supervise% test_result%,$(UNIT_SRC:tests/unit/%.c=%)))

$(JOB_TESTS): $(SAN_JOB) $(O)/san/engine/mechanism.o $(O)/san/engine/preempt.o
$(O)/unit/test_probe: $(patsubst %,$(O)/san/engine/%.o,probe mechanism preempt)
$(O)/unit/test_rules: $(O)/san/cmd/rules.o
$(O)/unit/%: tests/unit/%.c $(SAN_PURE) Makefile
	$(call say,TEST,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(filter-out -D_FORTIFY_SOURCE=2,$(USER_CFLAGS)) $(SAN) -Itests/unit -MMD -MP \
		$< $(filter %.o,$^) -o $@ -lcmocka $(LIBS)

# Kernel tests drive the real binary; they share no code with it but the contract.
$(O)/kernel/%: tests/kernel/%.c $(wildcard tests/kernel/lib/*.c tests/kernel/lib/*.h) Makefile
	$(call say,TEST,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(USER_CFLAGS) -Itests/kernel $< $(wildcard tests/kernel/lib/*.c) -o $@ \
		-lcmocka -ljansson

# What the kernel tests run as a job: static, so that it opens nothing but what it is told to.
$(O)/kernel/act: $(wildcard tests/kernel/act/*.c tests/kernel/act/*.h) Makefile
	$(call say,TEST,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(USER_CFLAGS) -static $(filter %.c,$^) -o $@

# The attack suite: a file a technique, one static program that is also `doctor --prove`'s helper.
ESCAPE_OBJ := $(patsubst tests/%.c,$(O)/%.o,$(wildcard tests/escape/*.c tests/escape/*/*.c))
$(O)/escape/%.o: tests/escape/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) -O1 -std=gnu11 -D_GNU_SOURCE $(WARN) -MMD -MP -c $< -o $@
$(O)/escape/escape: $(ESCAPE_OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) -static $^ -o $@

$(O)/fuzz/%: tests/fuzz/%.c $(PURE_SRC) $(O)/presets.inc Makefile
	$(call say,FUZZ,$@)
	@mkdir -p $(@D)
	$(Q)$(CLANG) -std=gnu11 -D_GNU_SOURCE -DSBX_VERSION='"fuzz"' -O1 -g \
		-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
		-Iuser -Iinclude -isystem $(O) $< $(PURE_SRC) -o $@ $(LIBS)

unit-bins: $(UNIT_BIN)
kernel-bins: $(KERNEL_BIN) $(O)/kernel/act
fuzz-bins: $(FUZZ_BIN)
escape-bins: $(O)/escape/escape

deps-build:
	$(Q)tools/deps build
deps-test:
	$(Q)tools/deps build test vm

# --- what people call ---------------------------------------------------------------------------

demo: deps-build
	$(Q)$(MAKE) --no-print-directory all
	$(Q)tests/demo/run

check: deps-test
	$(Q)$(MAKE) --no-print-directory all
	$(Q)tests/run-all

test: all $(UNIT_BIN)
	$(Q)tests/run-all unit golden lint

test-kernel: all kernel-bins
	$(Q)tests/run-all kernel

fuzz: $(FUZZ_BIN)
	$(Q)tests/run-all fuzz

lint: all
	$(Q)tests/run-all lint

FMT_SRC := $(wildcard bpf/*.[ch] include/sbx/*.h user/*.c user/*/*.[ch] tests/*/*.[ch] \
	tests/*/*/*.[ch])
fmt:
	$(Q)clang-format -i $(FMT_SRC)
fmt-check:
	$(Q)clang-format --dry-run -Werror $(FMT_SRC)

bench: all
	$(Q)tests/bench/run

vm-shell: all
	$(Q)tests/vm/run --shell

install: all escape-bins
	install -D -m 0755 $(O)/sbx-bpf $(DESTDIR)$(PREFIX)/bin/sbx-bpf
	install -D -m 0755 $(O)/escape/escape $(DESTDIR)$(PREFIX)/libexec/sbx-bpf/escape
	install -D -m 0644 docs/sbx-bpf.1 $(DESTDIR)$(PREFIX)/share/man/man1/sbx-bpf.1
	install -d $(DESTDIR)$(PREFIX)/share/sbx-bpf/policies
	install -m 0644 policies/*.yaml policies/*.json $(DESTDIR)$(PREFIX)/share/sbx-bpf/policies

uninstall:
	$(RM) $(DESTDIR)$(PREFIX)/bin/sbx-bpf $(DESTDIR)$(PREFIX)/share/man/man1/sbx-bpf.1
	$(RM) -r $(DESTDIR)$(PREFIX)/share/sbx-bpf $(DESTDIR)$(PREFIX)/libexec/sbx-bpf

clean:
	$(RM) -r $(O)

.PHONY: all demo check test test-kernel fuzz lint fmt fmt-check bench vm-shell install uninstall \
	clean unit-bins kernel-bins fuzz-bins escape-bins deps-build deps-test

-include $(BPF_OBJ:.o=.d) $(USER_OBJ:.o=.d) $(SAN_PURE:.o=.d) $(SAN_JOB:.o=.d) $(UNIT_BIN:=.d) \
	$(ESCAPE_OBJ:.o=.d)
