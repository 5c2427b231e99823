# starbind: one Makefile, no recursion.
#
#   make                builds build/release/starbind
#   make demo           a tour: throw-away MariaDB, sample warehouse, gateway, three users
#   make test           builds, then unit and integration tests; closes with "N passed, N failed"
#   make test-clients   real drivers and tools against the gateway, the matrix of docs/clients.md; CLIENTS="jdbc go" runs some
#   make packages       lists the Debian packages that are missing, and installs them
#   make layers         checks who includes whom            make headers   headers compile alone
#   make lengths        checks file and function lengths    make format    checks the layout of the code
#   make asan|tsan|cov  builds that variant                 make fuzz      libFuzzer (clang), FUZZ_SECONDS of CPU each
#   make bench          next to a bare relay and HAProxy, everything in nine minutes
#   make bench-report   the tables of the last run of make bench
#   make bench-sql      what reading and rewriting SQL costs next to cutting it into tokens
#   make docs           writes docs/generated, checks links, lints the manuals
#   make install        into DESTDIR/PREFIX (default /usr/local)
#   make deb            build/deb/starbind_VERSION_ARCH.deb, for this release of Debian
#   make clean          removes build/
#
#   VARIANT=release|asan|tsan|cov   CC=gcc|clang   TLS=both|openssl|mbedtls   V=1 shows commands
#   LTO=yes             optimised as one program, by gcc: build/release-lto; a tenth less work, and 20 s to link
#   TESTS="tests/e2e/test_login.py tests/unit/test_map.c" make test      runs only these

VARIANT ?= release
PREFIX  ?= /usr/local
UNITDIR ?= $(PREFIX)/lib/systemd/system
ZSHDIR  ?= $(PREFIX)/share/zsh/site-functions
VERSION := 0.1.0
Q       := $(if $(V),,@)
ifeq ($(origin CC),default)
CC := gcc
endif
# Which libraries do TLS; each choice has its own build folder.
TLS     ?= both
ifeq ($(filter $(TLS),openssl mbedtls both),)
$(error TLS is openssl, mbedtls or both)
endif
BUILD := build/$(VARIANT)$(if $(findstring clang,$(CC)),-clang)$(if $(filter-out both,$(TLS)),-$(TLS))$(if $(filter yes,$(LTO)),-lto)

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
            -Wvla -Wundef -Wimplicit-fallthrough -Werror
# clang-format cuts long strings in two, which clang takes for a forgotten comma in lists.
WARNINGS += $(if $(findstring clang,$(CC)),-Wno-string-concatenation)
CFLAGS   := -std=gnu11 -g -D_GNU_SOURCE -DSTARBIND_VERSION='"$(VERSION)"' -I. -isystem /usr/include/mariadb -include base/banned.h \
            -fvisibility=hidden -fno-common -fno-omit-frame-pointer $(WARNINGS)
LDFLAGS  :=
LDLIBS   := -luv -ljansson -lmariadb -lsqlite3
ifneq ($(TLS),mbedtls)
CFLAGS   += -DWITH_OPENSSL
LDLIBS   += -lssl -lcrypto
endif
ifneq ($(TLS),openssl)
CFLAGS   += -DWITH_MBEDTLS
LDLIBS   += -lmbedtls -lmbedx509 -lmbedcrypto
endif
LDLIBS   += -lpthread

CFLAGS_release  := -O2 -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection -fPIE -fcf-protection
LDFLAGS_release := -pie -Wl,-z,relro,-z,now,-z,noexecstack
CFLAGS_asan     := -O1 -fsanitize=address,undefined -fno-sanitize-recover=all
LDFLAGS_asan    := -fsanitize=address,undefined
CFLAGS_tsan     := -O1 -fsanitize=thread
LDFLAGS_tsan    := -fsanitize=thread
CFLAGS_cov      := -O0 --coverage
LDFLAGS_cov     := --coverage
CFLAGS_fuzz     := -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
LDFLAGS_fuzz    := -fsanitize=address,undefined
CFLAGS  += $(CFLAGS_$(VARIANT))
LDFLAGS += $(LDFLAGS_$(VARIANT))

# Objects hold code as well, by which tests are linked.
WHOLE := $(LDFLAGS)
ifeq ($(LTO),yes)
CFLAGS  += -flto=auto -ffat-lto-objects
WHOLE   += -flto=auto -O2
LDFLAGS += -fno-lto
endif

FOLDERS := base protocol config auth proxy
UNWANTED := $(if $(filter mbedtls,$(TLS)),%openssl.c %openssl_context.c) $(if $(filter openssl,$(TLS)),%mbedtls.c %mbedtls_context.c)
SOURCES := $(filter-out $(UNWANTED:%=protocol/tls/%),$(shell find $(FOLDERS) -name '*.c' | sort))
HEADERS := $(shell find $(FOLDERS) -name '*.h' | sort)
OBJECTS := $(SOURCES:%.c=$(BUILD)/%.o)
LIBRARY := $(filter-out $(BUILD)/proxy/main.o,$(OBJECTS))
UNITS   := $(shell find tests -path 'tests/unit/test_*.c' | sort)
UNITBIN := $(UNITS:%.c=$(BUILD)/%)
FUZZ    := $(shell find tests -path 'tests/fuzz/fuzz_*.c' | sort)
FUZZERS := $(FUZZ:%.c=$(BUILD)/%)
REPLAYS := $(FUZZ:tests/fuzz/fuzz_%.c=$(BUILD)/tests/fuzz/replay_%)
BENCH   := $(BUILD)/bench/load $(BUILD)/bench/relay $(BUILD)/bench/flood $(BUILD)/bench/sql
CLIENT  := client secure
LOAD    := load options $(CLIENT) histogram watch

.PHONY: all help demo test test-clients unit benches fuzzers packages layers headers lengths format asan tsan cov fuzz bench bench-report bench-sql docs install deb clean
.DELETE_ON_ERROR:
.SECONDARY:

all: $(BUILD)/starbind

help:
	@sed -n '2,/^$$/s/^# \{0,1\}//p' Makefile

$(BUILD)/starbind: $(OBJECTS)
	@echo "  LINK $@"
	$(Q)$(CC) $(WHOLE) -o $@ $^ $(LDLIBS)

# Unit tests link what they name from this archive and nothing more.
$(BUILD)/starbind.a: $(LIBRARY)
	@echo "  AR   $@"
	$(Q)rm -f $@ && ar rcs $@ $^

$(BUILD)/%.o: %.c
	@echo "  CC   $<"
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/proxy/admin/status_page.o: proxy/admin/status.html

$(BUILD)/tests/unit/%: tests/unit/%.c $(BUILD)/starbind.a
	@echo "  TEST $@"
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -Itests/unit -MMD -MP $(LDFLAGS) -o $@ $< $(BUILD)/starbind.a -lcmocka $(LDLIBS)

# A fuzz target linked with a main that feeds it its corpus, for the tests; and with libFuzzer's.
$(BUILD)/tests/fuzz/replay_%: $(BUILD)/tests/fuzz/fuzz_%.o $(BUILD)/tests/fuzz/replay.o $(BUILD)/starbind.a
	@echo "  TEST $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/tests/fuzz/fuzz_%: $(BUILD)/tests/fuzz/fuzz_%.o $(BUILD)/starbind.a
	@echo "  FUZZ $@"
	$(Q)$(CC) $(LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(LDLIBS)

unit: $(UNITBIN) $(REPLAYS)

benches: $(BENCH)

fuzzers: $(FUZZERS)

packages:
	@scripts/packages.sh

demo:
	@scripts/packages.sh demo
	@$(MAKE) --no-print-directory all
	@scripts/demo.sh $(BUILD)/starbind

test:
	@scripts/packages.sh test
	@$(MAKE) --no-print-directory all unit
	@scripts/test.sh $(BUILD) "$(TESTS)"

test-clients:
	@scripts/packages.sh clients
	@$(MAKE) --no-print-directory all
	@STARBIND=$(CURDIR)/$(BUILD)/starbind /usr/bin/python3 tests/clients/matrix.py $(CLIENTS)
	@$(if $(CLIENTS),,STARBIND=$(CURDIR)/$(BUILD)/starbind /usr/bin/python3 tests/clients/secure.py)

asan tsan cov:
	@$(MAKE) --no-print-directory VARIANT=$@ all unit

layers:
	@scripts/layers.sh --self-test
	@scripts/layers.sh

lengths:
	@scripts/lengths.sh

format:
	@clang-format --dry-run -Werror $(SOURCES) $(HEADERS) $(shell find tests bench -name '*.[ch]')

headers: $(HEADERS:%=$(BUILD)/%.alone)

$(BUILD)/%.h.alone: %.h
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -Wno-unused-function -fsyntax-only -x c $<
	@touch $@

fuzz:
	@scripts/packages.sh fuzz
	@$(MAKE) --no-print-directory VARIANT=fuzz CC=clang fuzzers
	@scripts/fuzz.sh build/fuzz-clang

bench:
	@bench/packages.sh
	@$(MAKE) --no-print-directory all $(BENCH)
	@bench/bar.py $(BUILD) forget
	@bench/run.py $(BUILD)
	@bench/tls.py $(BUILD)
	@bench/steady.py $(BUILD)
	@bench/scale.py $(BUILD)
	@bench/logins.py $(BUILD) 8
	@bench/config.py $(BUILD) 2
	@bench/limits.py $(BUILD) 3
	@bench/crowd.py $(BUILD) 3
	@bench/watching.py $(BUILD) 2 1.5
	@bench/stalled.py $(BUILD)
	@bench/life.py $(BUILD) 0.1
	@$(MAKE) --no-print-directory bench-sql
	@bench/bar.py $(BUILD)

bench-report:
	@bench/bar.py $(BUILD) all

bench-sql: $(BUILD)/bench/sql
	@$< tests/rewrite/world.json bench/sql/*.sql

# The load generator's TLS is OpenSSL's, whatever the gateway is built with.
$(BUILD)/bench/load: $(LOAD:%=$(BUILD)/bench/%.o) $(BUILD)/starbind.a
	@echo "  LINK $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS) -lssl -lcrypto

$(BUILD)/bench/flood: $(BUILD)/bench/flood.o $(CLIENT:%=$(BUILD)/bench/%.o) $(BUILD)/starbind.a
	@echo "  LINK $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS) -lssl -lcrypto

$(BUILD)/bench/sql: $(BUILD)/bench/sql.o $(BUILD)/starbind.a
	@echo "  LINK $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/bench/relay: $(BUILD)/bench/relay.o
	@echo "  LINK $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $^

docs:
	@scripts/docs.sh --write
	@scripts/docs.sh

# The program, its manuals and completions, the unit, and what operators read.
install: $(BUILD)/starbind
	install -D -m 0755 $(BUILD)/starbind $(DESTDIR)$(PREFIX)/sbin/starbind
	for page in man/*.[1-8]; do install -D -m 0644 -t $(DESTDIR)$(PREFIX)/share/man/man$${page##*.} $$page; done
	install -D -m 0644 -t $(DESTDIR)$(PREFIX)/share/starbind config/starbind.schema.json
	install -D -m 0644 -t $(DESTDIR)$(PREFIX)/share/doc/starbind README.md CHANGELOG.md docs/*.md
	install -D -m 0644 -t $(DESTDIR)$(PREFIX)/share/doc/starbind/generated docs/generated/*.md
	install -D -m 0644 -t $(DESTDIR)$(PREFIX)/share/doc/starbind/examples etc/minimal.json etc/starbind.json.example etc/prometheus-alerts.yml etc/grafana-dashboard.json
	install -d $(DESTDIR)$(UNITDIR) $(DESTDIR)$(PREFIX)/share/bash-completion/completions $(DESTDIR)$(ZSHDIR)
	sed 's|/usr/sbin/starbind|$(PREFIX)/sbin/starbind|' etc/starbind.service >$(DESTDIR)$(UNITDIR)/starbind.service
	install -m 0644 etc/starbind.socket $(DESTDIR)$(UNITDIR)/starbind.socket
	$(BUILD)/starbind --completions bash >$(DESTDIR)$(PREFIX)/share/bash-completion/completions/starbind
	$(BUILD)/starbind --completions zsh >$(DESTDIR)$(ZSHDIR)/_starbind

deb:
	@scripts/packages.sh deb
	@$(MAKE) --no-print-directory all
	@scripts/deb.sh $(BUILD) $(VERSION)

clean:
	rm -rf build

-include $(OBJECTS:.o=.d) $(UNITBIN:%=%.d) $(FUZZERS:%=%.d) $(BUILD)/tests/fuzz/replay.d $(LOAD:%=$(BUILD)/bench/%.d) $(BUILD)/bench/flood.d $(BUILD)/bench/relay.d $(BUILD)/bench/sql.d
