# Graft: `make demo` and `make test` do everything from installing system packages on.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PREFIX ?= /usr/local
SWIFT ?= swift
FLAGS := -c release
# `swift test` would otherwise compile everything, dependencies included, a second time with other flags.
TEST_FLAGS := $(FLAGS) --disable-testable-imports
GRAFT := .build/release/graft

# HDF5 reads and writes weight files; OpenBLAS is the dense algebra of the linear classifiers; libjpeg-turbo
# and libpng decode pictures; pkg-config tells the Swift package manager where they are; curl, libxml2 and
# zlib are what Swift's Foundation is linked with.
APT_PACKAGES := libhdf5-dev libopenblas-dev libjpeg-dev libpng-dev pkg-config libcurl4-openssl-dev libxml2-dev zlib1g-dev
BREW_PACKAGES := hdf5 openblas jpeg-turbo libpng pkg-config
# Tests open the pages that the program writes in a browser; where there is none they skip that, saying so.
TEST_APT_PACKAGES := chromium
PARITY_ENV := .build/parity-venv
PARITY_APT_PACKAGES := python3 python3-venv
PARITY_BREW_PACKAGES := python
PRETRAIN_FOLDER := .build/pretraining
BENCH_ENV := .build/bench-venv
BENCH_ROOT := .build/bench-root
BENCH_APT_PACKAGES := python3 python3-venv curl binutils
BENCH_BREW_PACKAGES := python

# The installed program carries Swift's libraries, so that it runs where Swift is not installed and starts faster.
# Other flags mean another build folder. On a Mac the system has them.
ifeq ($(shell uname),Darwin)
STATIC :=
INSTALLED := .build/release
else
STATIC := --static-swift-stdlib --scratch-path .build/installed
INSTALLED := .build/installed/release
endif
SUDO := $(shell [ "$$(id -u)" -eq 0 ] || echo sudo)

.PHONY: help setup build demo test parity bench pretrain neon lint format install clean

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-10s %s\n", $$1, $$2 }'

setup: ## install the system packages that are missing (Debian, Ubuntu), or name them (Mac)
	@scripts/setup.sh "$(APT_PACKAGES)" "$(BREW_PACKAGES)" "$(SWIFT)"

build: setup ## compile the program to .build/release/graft
	@$(SWIFT) build $(FLAGS) --product graft

demo: build ## features, a classifier and predictions on the built-in weights and pictures
	@examples/demo.sh $(GRAFT)

# make test TESTS=GraftLinearTests,GraftDataTests compiles and runs these alone.
ifdef TESTS
export GRAFT_TESTS := $(TESTS)
endif

test: setup ## lint, compile, run every test
	@scripts/setup.sh "$(TEST_APT_PACKAGES)" "" "$(SWIFT)" \
	  || echo "no Chromium; tests of report pages skip the browser" >&2
	@$(MAKE) --no-print-directory lint
	@$(SWIFT) build $(FLAGS) --build-tests
	@$(SWIFT) test $(TEST_FLAGS) --skip-build

parity: build ## compare with real Keras, Pillow and scikit-learn in a virtual environment
	@$(SWIFT) build $(FLAGS) --product graft-training-steps
	@scripts/setup.sh "$(PARITY_APT_PACKAGES)" "$(PARITY_BREW_PACKAGES)" "$(SWIFT)"
	@Tests/Parity/run.sh $(GRAFT) $(PARITY_ENV)

bench: ## compare speed with ONNX Runtime, OpenVINO, PyTorch and TensorFlow (ARGS="--help")
	@scripts/setup.sh "$(BENCH_APT_PACKAGES)" "$(BENCH_BREW_PACKAGES)" "$(SWIFT)"
	@$(MAKE) --no-print-directory install DESTDIR=$(CURDIR)/$(BENCH_ROOT) PREFIX=
	@$(SWIFT) build $(FLAGS) --product graft-training-steps $(STATIC)
	@cp $(INSTALLED)/graft-training-steps $(BENCH_ROOT)/bin/
	@Benchmarks/run.sh $(BENCH_ROOT)/bin/graft $(BENCH_ENV) $(ARGS)

pretrain: setup ## make the weights inside the program again: draw pictures, train from random weights (an hour)
	@$(SWIFT) build $(FLAGS) --product graft-pretraining
	@scripts/setup.sh "$(PARITY_APT_PACKAGES)" "$(PARITY_BREW_PACKAGES)" "$(SWIFT)"
	@weights/pretrain.sh .build/release/graft-pretraining $(PRETRAIN_FOLDER) weights/default.h5

neon: ## compare the kernels for AArch64 with the portable ones, in an emulator (Debian, Ubuntu)
	@scripts/setup.sh "gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user" "" "$(SWIFT)"
	@Tests/Neon/run.sh .build/neon

lint: ## check the formatting of the Swift code
	@$(SWIFT) format lint --strict --parallel --recursive Package.swift Sources Tests examples weights

format: ## format the Swift code
	@$(SWIFT) format --in-place --parallel --recursive Package.swift Sources Tests examples weights

install: setup ## compile a program that needs no Swift beside it and copy it to $(PREFIX)/bin
	@$(SWIFT) build $(FLAGS) --product graft $(STATIC)
	@install -d "$(DESTDIR)$(PREFIX)/bin" 2>/dev/null || $(SUDO) install -d "$(DESTDIR)$(PREFIX)/bin"
	@strip -o $(INSTALLED)/graft.stripped $(INSTALLED)/graft || cp $(INSTALLED)/graft $(INSTALLED)/graft.stripped
	@install -m 755 $(INSTALLED)/graft.stripped "$(DESTDIR)$(PREFIX)/bin/graft" 2>/dev/null \
	  || $(SUDO) install -m 755 $(INSTALLED)/graft.stripped "$(DESTDIR)$(PREFIX)/bin/graft"
	@echo "installed $(DESTDIR)$(PREFIX)/bin/graft"

clean: ## remove what was built
	@rm -rf .build
