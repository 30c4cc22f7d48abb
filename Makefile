# pretick: the only build file.  `make help` lists the targets.
#
# On a fresh Debian 12 with git and make, `make demo` and `make check` install
# what they need (NO_DEPS=1: they do not).  Each flavour builds in its own
# folder (build/plain, build/address-undefined), so nothing ever needs
# `make clean` first.
#
#	SAN=address,undefined	build and test with sanitizers
#	WERROR=1		warnings are errors: for those who change it
#	NO_DEPS=1		never ask apt
#	SECONDS=60		how long fuzz-NAME runs
#	PROFILE=DIR		compile by what was counted there: see release

VERSION = 0.1.0
SAN ?=
WERROR ?=
NO_DEPS ?=
DESTDIR ?=
PREFIX ?= /usr/local
SECONDS ?= 60

comma := ,
flavour := $(if $(SAN),$(subst $(comma),-,$(SAN)),plain)
B := build/$(flavour)

CC ?= gcc
CXX ?= g++
OPT ?= $(if $(SAN),-O1 -fno-omit-frame-pointer,-O3)
WARN = -Wall -Wextra -Wshadow -Wpointer-arith -Wvla -Wformat=2 \
	-Wno-format-nonliteral $(if $(WERROR),-Werror)
CWARN = $(WARN) -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition
# An object's own counts; of what never ran there are none.
by_profile = $(if $(PROFILE),-fprofile-use=$(PROFILE)/$*.gcda \
	-fprofile-correction -Wno-missing-profile)
SANFLAGS = $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all)
PKGS = libarchive libzstd libisal sqlite3 libcrypto libpcre2-8 expat
CPPFLAGS += -I. -I$(B) -D_GNU_SOURCE -DPRETICK_VERSION='"$(VERSION)"'
ALL_CFLAGS = -std=c17 -g $(OPT) $(CWARN) $(SANFLAGS) $(PKG_CFLAGS) $(CFLAGS)
ALL_CXXFLAGS = -std=c++17 -g $(OPT) $(WARN) -fno-exceptions $(SANFLAGS) \
	$(CXXFLAGS)
# Asked for only when something is compiled: `make deps` runs before that.
PKG_CFLAGS = $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
LDLIBS = $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lRmath -lm \
	-lpthread

# The layers, lowest first; main.c stands on all of them.
ingest_src := $(wildcard ingest/*.c ingest/base/*.c)
analysis_src := $(wildcard analysis/*.c)
reports_src := $(filter-out reports/main.c,$(wildcard reports/*.c))
objs = $(addprefix $(B)/,$(addsuffix .o,$(basename $(1))))
libs := $(B)/reports.a $(B)/analysis.a $(B)/ingest.a

test_src := $(wildcard ingest/test/*_test.c ingest/base/test/*_test.c \
	analysis/test/*_test.c reports/test/*_test.c)
tests := $(patsubst %.c,$(B)/%,$(test_src))

# Files that the binary carries: text in C's own string syntax.
embedded := $(sort $(wildcard ingest/mappings/*.map)) ingest/schema.sql \
	$(sort $(wildcard analysis/rules/*.rules)) \
	$(sort $(wildcard reports/*.css))

.PHONY: all
all: $(B)/pretick ## build the program (needs what `make deps` installs)

.DELETE_ON_ERROR:
# Objects of tests are kept, so that a second `make check` compiles nothing.
.SECONDARY:

# ---- build -----------------------------------------------------------------

$(B)/pretick: $(B)/reports/main.o $(libs)
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(B)/ingest.a: $(call objs,$(ingest_src)) $(B)/embedded.o
$(B)/analysis.a: $(call objs,$(analysis_src))
$(B)/reports.a: $(call objs,$(reports_src))
$(libs):
	@mkdir -p $(@D)
	@rm -f $@
	$(AR) rcs $@ $^

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(by_profile) -MMD -MP -c -o $@ $<

$(B)/%.o: %.cc
	@mkdir -p $(@D)
	$(CXX) $(CPPFLAGS) $(ALL_CXXFLAGS) -MMD -MP -c -o $@ $<

# name, bytes, end for each file; see ingest/base/embedded.h.
$(B)/embedded.c: $(embedded) Makefile
	@mkdir -p $(@D)
	@{ echo '#include "ingest/base/embedded.h"'; \
	  echo 'const struct embedded embedded_files[] = {'; \
	  for f in $(embedded); do \
		printf '{ "%s",\n' $$f; \
		sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/?/\\?/g' \
		    -e 's/^/"/' -e 's/$$/\\n"/' $$f; \
		echo '"" },'; \
	  done; echo '{ 0, 0 } };'; } > $@

$(B)/embedded.o: $(B)/embedded.c
	$(CC) $(CPPFLAGS) -std=c17 -g -Wno-overlength-strings $(SANFLAGS) \
	    -c -o $@ $<

# Test programs may read the project's files below PRETICK_ROOT.
$(B)/%_test: $(B)/%_test.o $(libs)
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(libs) $(LDLIBS) \
	    -lcmocka

# libsimdjson, which our reading of JSON is held against, is in tests only.
oracle := $(B)/ingest/test/json_oracle.o
oracled := $(addprefix $(B)/ingest/test/,json_oracle_test oracle_replay)
$(oracled): $(oracle)
$(oracled): LDLIBS += -lsimdjson -lstdc++

simulate_src := $(wildcard fixtures/simulator/*.c)
$(B)/fixtures/simulate: $(addprefix $(B)/,$(simulate_src:.c=.o))
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ -larchive -lzstd

-include $(shell find $(B) -name '*.d' 2>/dev/null)

# ---- the fastest program ----------------------------------------------------

# Compiled twice: the first program counts its branches over generated logs.
counting = B=build/profile OPT="-O3 -fprofile-generate -fprofile-update=atomic" \
	LDFLAGS="$(LDFLAGS) -fprofile-generate"

.PHONY: release release-now
release: deps-build ## build/release/pretick, compiled by what it does most
	$(again) release-now
release-now:
	+@$(MAKE) --no-print-directory $(counting) build/profile/trained
	+@$(MAKE) --no-print-directory B=build/release PROFILE=build/profile all \
	    build/release/fixtures/simulate
build/profile/trained: build/profile/pretick build/profile/fixtures/simulate
	B=build/profile fixtures/profile.sh
	@touch $@

# ---- what must be there first ----------------------------------------------

# Targets that install and then build call make again: this make may have
# looked for compilers and libraries before they were there.
again = +@$(MAKE) --no-print-directory

.PHONY: deps
deps: ## install the Debian packages to build, run and test
	@NO_DEPS=$(NO_DEPS) .ci/deps build run check

.PHONY: deps-build deps-lint deps-tools deps-bench
deps-build:
	@NO_DEPS=$(NO_DEPS) .ci/deps build run
deps-lint:
	@NO_DEPS=$(NO_DEPS) .ci/deps build check lint
deps-tools:
	@NO_DEPS=$(NO_DEPS) .ci/deps build check tools
deps-bench:
	@NO_DEPS=$(NO_DEPS) .ci/deps build check bench

# ---- tests -----------------------------------------------------------------

# Whatever is there of these runs, in this order; each is fixtures/NAME.sh.
suites := $(foreach s,unit corpus cli simulate golden truth incidents \
	discover bad split real,\
	$(if $(wildcard fixtures/$(s).sh),$(s)))
fuzz_src := $(wildcard */test/*_fuzz.c */*/test/*_fuzz.c)
replays := $(if $(wildcard fixtures/replay.c),\
	$(fuzz_src:%_fuzz.c=$(B)/%_replay))
suite_env = PRETICK=$(B)/pretick B=$(B) CC='$(CC)' TESTS='$(tests)' \
	REPLAYS='$(replays)'
suite_needs = all $(tests) $(replays) $(simulate)
simulate := $(if $(simulate_src),$(B)/fixtures/simulate)

.PHONY: check check-now
check: deps ## install, build, run all tests
	$(again) check-now
check-now: $(suite_needs)
	@$(suite_env) fixtures/check.sh $(suites)

# One suite: make check-unit
.PHONY: $(suites:%=check-%)
$(suites:%=check-%): check-%: $(suite_needs)
	@$(suite_env) fixtures/check.sh $*

# A fuzz target over its saved inputs, without clang.
$(B)/%_replay: $(B)/%_fuzz.o $(B)/fixtures/replay.o $(libs)
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(libs) $(LDLIBS)

fuzz-%: deps-tools ## fuzz a target of */test/NAME_fuzz.c for SECONDS
	$(again) CC=clang CXX=clang++ SAN=fuzzer-no-link,address,undefined \
	    NAME=$* fuzz-now
.PHONY: fuzz-now
fuzz_one = $(filter %/$(NAME)_fuzz.c,$(fuzz_src))
# libarchive asks for 4 GiB when a header says so, and does not touch it.
fuzz-now: $(libs) $(B)/$(fuzz_one:.c=.o) $(oracle)
	@test -n "$(fuzz_one)" || { echo "no fuzz target '$(NAME)'"; exit 2; }
	clang++ -fsanitize=fuzzer,address,undefined -o $(B)/$(NAME)_fuzz \
	    $(filter %.o,$^) $(libs) $(LDLIBS) -lsimdjson
	@mkdir -p build/corpus/$(NAME)
	$(B)/$(NAME)_fuzz -max_total_time=$(SECONDS) -timeout=10 \
	    -rss_limit_mb=2048 -malloc_limit_mb=8192 -artifact_prefix=build/corpus/ \
	    build/corpus/$(NAME) $(wildcard fixtures/fuzz/$(NAME))

.PHONY: memcheck memcheck-now
memcheck: deps deps-tools ## the unit tests under valgrind
	$(again) memcheck-now
memcheck-now: $(tests)
	@for t in $(tests); do \
		echo "$$t"; \
		valgrind -q --error-exitcode=9 --leak-check=full \
		    --errors-for-leak-kinds=definite $$t >build/memcheck.log \
		    2>&1 || { cat build/memcheck.log; exit 1; }; \
	done

.PHONY: coverage
coverage: deps ## all tests with gcov: lines that ran, by file
	$(again) B=build/coverage OPT=-O0 CFLAGS=--coverage \
	    LDFLAGS=--coverage check-now
	@cd build/coverage && find . -name '*.gcda' \
	    -exec gcov -n -r -s "$(CURDIR)" {} + 2>/dev/null | \
	    awk -F "'" '/^File/ { f = $$2 } \
		/^Lines/ && f ~ /\.cc?$$/ && f !~ /test/ { print $$0, f }' | \
	    sed 's/Lines executed://' | sort -u -k 4 | sort -n

.PHONY: bench
bench: deps-bench ## speed and size, against others; rewrites fixtures/BENCH.md
	$(again) release-now
	@CC='$(CC)' B=build/release fixtures/bench.sh

.PHONY: validate validate-now
validate: deps ## how right the detectors are as noise grows: a table
	$(again) validate-now
validate-now: all $(simulate)
	@PRETICK=$(B)/pretick B=$(B) fixtures/validate.sh

# ---- demonstration ---------------------------------------------------------

# A simulation of the yearly summary of January 2018; see fixtures/README.md.
demo_sample = fixtures/alipay-2018

.PHONY: demo demo-now
demo: deps-build ## install, build, analyse the sample: the last line names it
	$(again) demo-now
# A key of its own, no secret: the demonstration writes nothing to your home.
demo-now: all
	@rm -rf build/demo
	@echo 'the key of the demonstration is no secret' >build/demo.key
	$(B)/pretick run -o build/demo --key build/demo.key \
	    -c $(demo_sample)/case.ini $(demo_sample)/logs

# ---- how the code looks ----------------------------------------------------

ours = $(wildcard ingest/*.[ch] ingest/*/*.[ch] ingest/*/*.cc \
	ingest/*/*/*.[ch] analysis/*.[ch] analysis/*/*.[ch] reports/*.[ch] \
	reports/*/*.[ch] fixtures/*.[ch] fixtures/*/*.[ch])
tidy = $(addprefix build/tidy/,$(addsuffix .ok,$(filter %.c %.cc,$(ours))))

.PHONY: lint lint-now
lint: deps-lint ## clang-tidy, layers, banned calls, shell, manual
	$(again) lint-now
lint-now: $(tidy) man
	@.ci/lint

# Tables of cases make tests long, and their texts go over lines.
test_tidy = $(if $(findstring /test/,$<),--checks=$(subst $() $(),$(comma),\
	-readability-function-size -bugprone-suspicious-missing-comma))

# One file a call: several in one made clang-tidy 14 see ghosts.  The object
# knows the headers.
build/tidy/%.c.ok: %.c $(B)/%.o .clang-tidy
	@mkdir -p $(@D)
	@echo tidy $<
	@clang-tidy --quiet $(test_tidy) $< -- $(CPPFLAGS) -std=c17 $(PKG_CFLAGS) \
	    2>build/tidy/$*.log || { cat build/tidy/$*.log; exit 1; }
	@touch $@
build/tidy/%.cc.ok: %.cc $(B)/%.o .clang-tidy
	@mkdir -p $(@D)
	@echo tidy $<
	@clang-tidy --quiet $< -- $(CPPFLAGS) -std=c++17 \
	    2>build/tidy/$*.log || { cat build/tidy/$*.log; exit 1; }
	@touch $@

.PHONY: format format-check
format: deps-lint ## lay the source out as .clang-format says
	clang-format -i $(ours)
format-check: deps-lint ## is it laid out so?
	@clang-format --dry-run -Werror $(ours)

compile_commands.json: deps-tools ## for editors
	bear -- $(MAKE) -B all

# ---- delivery --------------------------------------------------------------

.PHONY: man
man: build/pretick-mapping.5 ## the manual of mappings, made of their README
build/pretick-mapping.5: ingest/mappings/README.md ingest/mappings/manual.awk
	@mkdir -p $(@D)
	awk -f ingest/mappings/manual.awk ingest/mappings/README.md >$@

man_dir = $(DESTDIR)$(PREFIX)/share/man
completion_dir = $(DESTDIR)$(PREFIX)/share/bash-completion/completions
doc_dir = $(DESTDIR)$(PREFIX)/share/doc/pretick

.PHONY: install uninstall
install: release man ## below DESTDIR and PREFIX
	install -D -m 755 build/release/pretick $(DESTDIR)$(PREFIX)/bin/pretick
	install -D -m 644 reports/pretick.1 $(man_dir)/man1/pretick.1
	install -D -m 644 build/pretick-mapping.5 \
	    $(man_dir)/man5/pretick-mapping.5
	install -D -m 644 reports/pretick.bash $(completion_dir)/pretick
	install -d $(doc_dir)
	install -m 644 README.md CHANGELOG.md LICENSE $(doc_dir)
uninstall: ## what install put there
	rm -f $(DESTDIR)$(PREFIX)/bin/pretick $(man_dir)/man1/pretick.1 \
	    $(man_dir)/man5/pretick-mapping.5 \
	    $(completion_dir)/pretick
	rm -rf $(doc_dir)

dist_name = pretick-$(VERSION)

.PHONY: dist distcheck
dist: ## build/pretick-VERSION.tar.gz of what is committed
	@mkdir -p build
	git archive --prefix=$(dist_name)/ -o build/$(dist_name).tar.gz HEAD
distcheck: dist ## unpack that, test it, install it
	rm -rf build/distcheck
	mkdir -p build/distcheck
	tar -xzf build/$(dist_name).tar.gz -C build/distcheck
	$(MAKE) -C build/distcheck/$(dist_name) check
	$(MAKE) -C build/distcheck/$(dist_name) install \
	    DESTDIR=$(CURDIR)/build/distcheck/root PREFIX=/usr
	build/distcheck/root/usr/bin/pretick --version

.PHONY: clean help
clean: ## remove build/
	rm -rf build
help: ## this list
	@sed -n -e 's/^\([a-z%_.-]*\):[^#=]*## \(.*\)/\1\t\2/p' Makefile | \
	    sed 's/ \\$$/ …/' | expand -t 24
