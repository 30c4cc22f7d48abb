# pretick: the only build file.  `make help` lists the targets.
#
# Each flavour builds in its own folder (build/plain, build/address-undefined),
# so nothing ever needs `make clean` first.

VERSION = 0.1.0
SAN ?=
WERROR ?=
NO_DEPS ?=
DESTDIR ?=
PREFIX ?= /usr/local

comma := ,
flavour := $(if $(SAN),$(subst $(comma),-,$(SAN)),plain)
B := build/$(flavour)

CC ?= gcc
CXX ?= g++
OPT ?= $(if $(SAN),-O1 -fno-omit-frame-pointer,-O2)
WARN = -Wall -Wextra -Wshadow -Wpointer-arith -Wvla -Wformat=2 \
	-Wno-format-nonliteral $(if $(WERROR),-Werror)
CWARN = $(WARN) -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition
SANFLAGS = $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all)
PKGS = libarchive libzstd libisal sqlite3 libcrypto libpcre2-8 expat
CPPFLAGS += -I. -I$(B) -D_GNU_SOURCE -DPRETICK_VERSION='"$(VERSION)"'
ALL_CFLAGS = -std=c17 -g $(OPT) $(CWARN) $(SANFLAGS) $(PKG_CFLAGS) $(CFLAGS)
ALL_CXXFLAGS = -std=c++17 -g $(OPT) $(WARN) -fno-exceptions $(SANFLAGS) \
	$(CXXFLAGS)
# Asked for only when something is compiled: `make deps` runs before that.
PKG_CFLAGS = $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
LDLIBS = $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lsimdjson -lRmath \
	-lstdc++ -lm -lpthread

# The layers, lowest first; main.c stands on all of them.
ingest_src := $(wildcard ingest/*.c ingest/base/*.c) $(wildcard ingest/*.cc)
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
all: $(B)/pretick

.DELETE_ON_ERROR:

# ---- build -----------------------------------------------------------------

$(B)/pretick: $(B)/reports/main.o $(libs)
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(B)/ingest.a: $(call objs,$(ingest_src)) $(B)/embedded.o
$(B)/analysis.a: $(call objs,$(analysis_src))
$(B)/reports.a: $(call objs,$(reports_src))
$(libs):
	@rm -f $@
	$(AR) rcs $@ $^

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

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
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $< $(libs) $(LDLIBS) -lcmocka

simulate_src := $(wildcard fixtures/simulator/*.c)
$(B)/fixtures/simulate: $(addprefix $(B)/,$(simulate_src:.c=.o))
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ -larchive -lzstd

-include $(shell find $(B) -name '*.d' 2>/dev/null)

# ---- tests -----------------------------------------------------------------

.PHONY: check check-unit
check: check-unit

check-unit: all $(tests)
	@PRETICK=$(B)/pretick B=$(B) fixtures/unit.sh $(tests)

.PHONY: clean
clean:
	rm -rf build
