# shunt: one Makefile, not recursive. `make help` lists the targets and knobs.
VERSION := 0.1.0
O ?= build
PREFIX ?= /usr
SYSCONFDIR ?= /etc
SBINDIR ?= $(PREFIX)/sbin
MANDIR ?= $(PREFIX)/share/man
INCLUDEDIR ?= $(PREFIX)/include
DOCDIR ?= $(PREFIX)/share/doc/shunt
UNITDIR ?= $(PREFIX)/lib/systemd/system
PKG_CONFIG ?= pkg-config
INSTALL ?= install
CFLAGS ?= -O2 -g
ifneq ($(V),1)
quiet = @printf '  %-7s %s\n' '$(1)' '$(2)';
endif

# what a packager gives comes first and survives; what the code needs is added behind it
override CPPFLAGS += -D_GNU_SOURCE -DSHUNT_VERSION='"$(VERSION)"' -DSHUNT_SYSCONFDIR='"$(SYSCONFDIR)"' -Idaemon -I.
override CFLAGS += -std=gnu17 -fPIE -fvisibility=hidden -Wall -Wextra -Wpedantic -Wshadow -Wmissing-prototypes \
	-Wstrict-prototypes -Wvla -Wundef -Wwrite-strings -Wpointer-arith -Wcast-align -Wformat=2 -Wimplicit-fallthrough \
	-Wredundant-decls -Wnull-dereference
override LDFLAGS += -pie -Wl,-z,relro,-z,now
ifeq ($(findstring clang,$(shell $(CC) --version)),)
override CFLAGS += -Wlogical-op -Wduplicated-cond -Wcast-align=strict
endif
ifdef SANITIZE
override CFLAGS += -fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer
else ifneq ($(DEBUG),1)
override CFLAGS += -fstack-protector-strong -fstack-clash-protection
override CPPFLAGS += $(if $(findstring -O,$(CFLAGS)),-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
endif
ifeq ($(WERROR),1)
override CFLAGS += -Werror
endif
STRICT := -Wconversion -Wsign-conversion -Wcast-qual

NFT_LIBS = $(shell $(PKG_CONFIG) --libs libnftnl libmnl)
CONF_LIBS ?= -linih
REGEX_LIBS = $(shell $(PKG_CONFIG) --libs libpcre2-8)
CRYPTO_LIBS ?= -lmbedcrypto
JSON_LIBS = $(shell $(PKG_CONFIG) --libs json-c)

# the folders, as the layers of the house; a file added to one of them edits nothing here
base := $(wildcard daemon/base/*.c)
wire := $(wildcard daemon/wire/*.c)
policy := $(wildcard daemon/policy/*.c)
flow := $(wildcard daemon/flow/*.c)
kernel := $(wildcard daemon/kernel/*.c)
loop := $(wildcard daemon/loop/*.c)
nft := $(wildcard nft/*.c)
shuntctl_own := daemon/shuntctl.c $(wildcard daemon/shuntctl_*.c)
sniff := $(wildcard daemon/sniff/*.c)
spawn := $(wildcard daemon/spawn/*.c)
spawn_own := daemon/shunt_spawn.c $(wildcard daemon/shunt_spawn_*.c)
daemon := $(filter-out $(shuntctl_own) $(spawn_own),$(wildcard daemon/*.c)) $(sniff) $(wildcard daemon/backend/*.c daemon/carry/*.c daemon/ctl/*.c)
shuntd := $(daemon) $(base) $(wire) $(policy) $(flow) $(kernel) $(loop) $(nft)
shunt_spawn := $(spawn_own) daemon/account.c daemon/file_watch.c $(spawn) $(base) $(wire) $(policy) $(flow) $(loop) \
	$(addprefix daemon/kernel/,fd_pass.c program.c sandbox.c seccomp.c standard_fds.c unix_listen.c)
shuntctl := $(shuntctl_own) $(base) $(wire) $(policy) $(flow) $(sniff)
objects = $(patsubst %.c,$(O)/obj/%.o,$(1))
units := $(patsubst tests/unit/%.c,$(O)/tests/%,$(wildcard tests/unit/test_*.c))
fuzzers := $(patsubst tests/fuzz/%.c,$(O)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))

all: $(O)/shuntd $(O)/shuntctl $(O)/shunt-spawn

$(O)/shuntd: $(call objects,$(shuntd))
	$(call quiet,LD,$@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(NFT_LIBS) $(CONF_LIBS) $(REGEX_LIBS) $(CRYPTO_LIBS) $(LDLIBS)

$(O)/shuntctl: $(call objects,$(shuntctl))
	$(call quiet,LD,$@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(JSON_LIBS) $(CONF_LIBS) $(REGEX_LIBS) $(CRYPTO_LIBS) $(LDLIBS)

$(O)/shunt-spawn: $(call objects,$(shunt_spawn))
	$(call quiet,LD,$@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(CONF_LIBS) $(REGEX_LIBS) $(CRYPTO_LIBS) $(LDLIBS)

# the pure folders take the strictest warnings; the netlink macros of libmnl do not pass these
$(O)/obj/daemon/base/%.o $(O)/obj/daemon/wire/%.o $(O)/obj/daemon/policy/%.o: override CFLAGS += $(STRICT)

$(O)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(call quiet,CC,$<)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# a unit test links the folders that its subject may include, and no other: test_<folder>_<file>
links_base := $(base)
links_wire := $(base) $(wire)
links_policy := $(base) $(wire) $(policy)
links_flow := $(base) $(flow)
links_loop := $(base) $(loop)
links_kernel := $(base) $(kernel)
links_nft := $(base) $(wire) $(policy) $(kernel) $(nft)
links_backend := $(base) $(loop) $(wildcard daemon/backend/*.c)
links_sniff := $(base) $(loop) $(wire) $(policy) $(flow) $(wildcard daemon/sniff/*.c)
links_carry := $(base) $(loop) $(kernel) $(flow) $(wildcard daemon/backend/*.c daemon/carry/*.c)
links_spawn := $(filter-out $(spawn_own) daemon/account.c daemon/file_watch.c,$(shunt_spawn))
links_child := daemon/child.c
links_plugin := daemon/plugin_watch.c daemon/sniff/plugins.c $(base) $(wire) $(policy) $(flow)
links_table := daemon/table_build.c $(base) $(wire) $(policy) $(flow)
links_handed := $(base) $(wire) $(policy) $(flow) $(kernel) $(wildcard daemon/handed_*.c)
links_firewall := $(base) $(wire) $(policy) $(kernel) $(nft) $(wildcard daemon/firewall*.c)
links_ctl := $(base) $(loop) $(wire) $(policy) $(flow) $(kernel) $(nft) $(wildcard daemon/backend/*.c daemon/ctl/*.c)
folder_of = $(word 2,$(subst _, ,$(notdir $(1))))
.SECONDEXPANSION:
$(O)/tests/%: $(O)/obj/tests/unit/%.o $$(call objects,$$(links_$$(call folder_of,$$*)))
	@mkdir -p $(@D)
	$(call quiet,LD,$@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lcmocka $(NFT_LIBS) $(CONF_LIBS) $(REGEX_LIBS) $(CRYPTO_LIBS) $(JSON_LIBS) $(LDLIBS)

# the golden tests drive the keeper's firewall by this
$(O)/tests/firewall_cli: $(call objects,tests/golden/firewall_cli.c $(wildcard daemon/firewall*.c) $(base) $(wire) $(policy) $(kernel) $(nft))
	@mkdir -p $(@D)
	$(call quiet,LD,$@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(NFT_LIBS) $(CONF_LIBS) $(REGEX_LIBS) $(CRYPTO_LIBS) $(LDLIBS)

# what scripts/cost measures
$(O)/tests/judge_cost: $(call objects,tests/cost/judge_cost.c $(base) $(wire) $(policy) $(flow) $(sniff))
	@mkdir -p $(@D)
	$(call quiet,LD,$@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(CONF_LIBS) $(REGEX_LIBS) $(CRYPTO_LIBS) $(LDLIBS)

# fuzzers: with clang they are libFuzzer programs (`make fuzzers CC=clang`), else they replay the files they are given
fuzz_main = $(if $(findstring clang,$(shell $(CC) --version)),-fsanitize=fuzzer,tests/fuzz/replay.c)
fuzzed := $(base) $(wire) $(policy) daemon/kernel/conntrack_read.c daemon/kernel/saved_syn.c
$(O)/fuzz/%: tests/fuzz/%.c $$(call objects,$(fuzzed))
	@mkdir -p $(@D)
	$(call quiet,FUZZ,$@)$(CC) $(CPPFLAGS) -Itests/unit $(CFLAGS) $(LDFLAGS) -MMD -MP -MF $@.d -o $@ $< $(call objects,$(fuzzed)) $(fuzz_main) $(NFT_LIBS) $(CONF_LIBS) $(REGEX_LIBS) $(CRYPTO_LIBS) $(LDLIBS)

fuzzers: $(fuzzers)

# no root, seconds: unit tests, laws, and every fuzz seed replayed twice
check: all $(units) $(if $(findstring clang,$(shell $(CC) --version)),,$(fuzzers))
	@scripts/check-units $(O)

# the rules of the house, each a script of its own; needs the build's objects
check-style: all
	@scripts/check-style $(O)

# for those scripts: how a file is preprocessed
cppflags:
	$(info $(CPPFLAGS)) @:

install: all
	$(INSTALL) -d $(DESTDIR)$(SBINDIR) $(DESTDIR)$(MANDIR)/man5 $(DESTDIR)$(MANDIR)/man8 $(DESTDIR)$(SYSCONFDIR)/shunt $(DESTDIR)$(DOCDIR) $(DESTDIR)$(INCLUDEDIR)
	$(INSTALL) -m 755 $(O)/shuntd $(O)/shuntctl $(O)/shunt-spawn $(DESTDIR)$(SBINDIR)
	$(INSTALL) -m 644 daemon/man/shuntd.8 daemon/man/shuntctl.8 daemon/man/shunt-spawn.8 $(DESTDIR)$(MANDIR)/man8
	$(INSTALL) -m 644 daemon/man/shunt.conf.5 $(DESTDIR)$(MANDIR)/man5
	$(INSTALL) -m 644 packaging/examples/*.conf packaging/examples/probe-gdb.c packaging/firewall/20-shunt.nft README.md $(DESTDIR)$(DOCDIR)
	$(INSTALL) -m 755 packaging/examples/probe-gearman packaging/examples/probe-fix $(DESTDIR)$(DOCDIR)
	$(INSTALL) -m 644 daemon/shunt-probe.h $(DESTDIR)$(INCLUDEDIR)
ifneq ($(UNITDIR),)
	$(INSTALL) -d $(DESTDIR)$(UNITDIR)
	for unit in shunt shunt-spawn; do \
		sed 's,/usr/sbin,$(SBINDIR),; s,/etc/shunt,$(SYSCONFDIR)/shunt,g' packaging/systemd/$$unit.service >$(DESTDIR)$(UNITDIR)/$$unit.service && \
		chmod 644 $(DESTDIR)$(UNITDIR)/$$unit.service || exit 1; \
	done
endif

clean:
	rm -rf $(O)

help:
	@echo 'targets: all check check-style fuzzers install clean'
	@echo 'knobs:   O=build V=1 WERROR=1 DEBUG=1 SANITIZE=address,undefined CC= CPPFLAGS= CFLAGS= LDFLAGS= CONF_LIBS= CRYPTO_LIBS='
	@echo '         DESTDIR= PREFIX=/usr SYSCONFDIR=/etc SBINDIR= MANDIR= INCLUDEDIR= DOCDIR= UNITDIR='

-include $(shell find $(O) -name '*.d' 2>/dev/null)
.PHONY: all check check-style cppflags fuzzers install clean help
.DELETE_ON_ERROR:
.SECONDARY:
