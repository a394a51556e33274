# make setup   what `make test` and `make demo` need: packages, runner, kernel image
# make test    every test, the kernel tests in the laboratory included
# make tables  only the tables of keepalived beside those of lvsctl
# make histories  only keepalived beside lvsctl while servers die and return
# make continuity  only clients that are served while the daemon is reloaded, restarted, killed and exchanged
# make demo    a web server dies and comes back; watch the table and the clients
# make lab     a shell in the laboratory with the topology up
# make bench   how long reading and linting take, beside keepalived, how often each rule speaks, what ten thousand checks cost, beside a bare loop, and an apply, beside ipvsadm, keepalived and a bare replay
# make bench-kernel  only the last of these
# make soak    the tests with full figures
# make deny    licences, sources and versions of all that lvsctl is made of, and known faults in it
# make static-build  only the build of the next
# make static  a release build that needs no library of the host, and the proof that it works
# make fuzz    every layer of the reader, the formatter and answers of the kernel, against random text, FUZZ_SECONDS each (default 600)
CARGO ?= cargo
# Built by `cargo test --no-run`, which tells where it put them.
binary = $$($(CARGO) test --no-run --message-format=json $(2) --test $(1) 2>/dev/null \
	| sed -n 's/.*"executable":"\([^"]*\/$(1)-[0-9a-f]*\)".*/\1/p' | tail -n 1)

.PHONY: setup build static-build test ready test-host test-kernel tables histories continuity lab demo bench bench-kernel soak deny static fuzz clean
setup:
	tests/lab/setup
	$(CARGO) build --locked --tests

build:
	$(CARGO) build --locked --release

test: ready test-host test-kernel

# The host's tests ask keepalived too.
ready:
	tests/lab/setup

# A soak reads hundreds of thousands of damaged files: it takes the optimised build.
test-host:
	$(CARGO) test --locked $(if $(LVSCTL_SOAK),--release)

test-kernel:
	$(CARGO) test --locked --no-run --test family --test kernel --test tables --test histories --test continuity
	tests/lab/boot "tests/lab/suite $(call binary,family) $(call binary,kernel) $(call binary,tables) $(call binary,histories) $(call binary,continuity)"

# LVSCTL_SOAK=1 takes every file, LVSCTL_SEED=N draws others, LVSCTL_ORACLE=lvs/014 takes that one.
tables:
	$(CARGO) test --locked --no-run --test tables
	tests/lab/boot "tests/lab/modules && tests/lab/tables/run $(call binary,tables)"

# The same variables; LVSCTL_WRITE=1 leaves the histories with what keepalived did in target/lab/out.
histories:
	$(CARGO) test --locked --no-run --test histories
	tests/lab/boot "tests/lab/modules && tests/lab/tables/run $(call binary,histories)"

# LVSCTL_SOAK=1 takes the full figures, LVSCTL_SEED=N draws other events.
continuity:
	$(CARGO) test --locked --no-run --test continuity
	tests/lab/boot "tests/lab/modules && tests/lab/tables/run $(call binary,continuity)"

lab:
	$(CARGO) test --locked --no-run --test show
	tests/lab/boot -i "tests/lab/modules && $(call binary,show) shell"

demo:
	$(CARGO) test --locked --no-run --test show
	tests/lab/boot "tests/lab/modules && $(call binary,show) demo"

bench:
	$(CARGO) bench --locked --bench read
	$(CARGO) bench --locked --bench findings
	$(CARGO) bench --locked --bench probe
	$(MAKE) bench-kernel

# BENCH chooses among verdicts, small, wide, large, memory and linear; without it, all.
bench-kernel: static-build
	$(CARGO) test --locked --release --no-run --test lab_bench
	LAB_TIMEOUT=$${LAB_TIMEOUT:-7200} tests/lab/boot "tests/lab/modules && LVSCTL=target/$(static)/release/lvsctl LD_LIBRARY_PATH=/tmp/bench/lib $(call binary,lab_bench,--release) $(BENCH)"
	mkdir -p target/bench && cp target/lab/out/apply.* target/bench/

soak:
	LVSCTL_SOAK=1 LAB_TIMEOUT=7200 $(MAKE) test

# Built from source where it is missing, in about two minutes.
deny:
	command -v cargo-deny >/dev/null || $(CARGO) install --locked cargo-deny@0.20.2
	$(CARGO) deny --locked check licenses bans sources
	.ci/advisories

# Holds the C library of the host that builds it.
static = $(shell uname -m)-unknown-linux-gnu
static-build:
	RUSTFLAGS="-C target-feature=+crt-static" $(CARGO) build --locked --release --bin lvsctl --target $(static)

static: ready static-build
	tests/lab/boot "tests/lab/modules && tests/lab/static target/$(static)/release/lvsctl"

# The fuzzer needs a compiler that takes unstable flags; the pinned one does when told so. It takes a
# thread that is ending for a leak, and leaks are not what is looked for.
FUZZ_SECONDS ?= 600
fuzz:
	command -v cargo-fuzz >/dev/null || $(CARGO) install --locked cargo-fuzz
	for target in tokens expand include lower fmt replies; do \
	    RUSTC_BOOTSTRAP=1 $(CARGO) fuzz run --fuzz-dir tests/fuzz $$target -- \
	        -max_total_time=$(FUZZ_SECONDS) -max_len=4096 -timeout=60 -detect_leaks=0 -dict=tests/fuzz/words.dict || exit 1; \
	done

clean:
	$(CARGO) clean
