# The domain and its tests with the sanitizers; run by t/unit.t.
#
#     make -f t/unit/unit.mk OUT=var/build/unit
#
# fuzz_X here replays files; t/fuzz/run builds the one that searches.

CC := gcc
OUT := var/build/unit

CFLAGS := -std=gnu11 -O1 -g -fno-omit-frame-pointer \
    -fsanitize=address,undefined -fno-sanitize-recover=all \
    -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
    -Wdeclaration-after-statement -Wvla -Werror \
    -MMD -MP -I modules -I t/unit

LIBS := -ljansson -lz -lcrypto -lm

domain := $(patsubst modules/cost/%.c,$(OUT)/%.o,$(wildcard modules/cost/*.c))
tests := $(patsubst t/unit/%.c,$(OUT)/%,$(wildcard t/unit/test_*.c))
fuzzers := $(patsubst t/fuzz/%.c,$(OUT)/%,$(wildcard t/fuzz/fuzz_*.c))

all: $(tests) $(fuzzers)

$(OUT)/libcost.a: $(domain)
	@rm -f $@
	ar -cr $@ $^

$(OUT)/test_%: $(OUT)/test_%.o $(OUT)/libcost.a
	$(CC) $(CFLAGS) -o $@ $^ $(LIBS)

$(OUT)/fuzz_%: $(OUT)/fuzz_%.o $(OUT)/replay.o $(OUT)/libcost.a
	$(CC) $(CFLAGS) -o $@ $^ $(LIBS)

$(OUT)/%.o: modules/cost/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -c -o $@ $<

$(OUT)/%.o: t/unit/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -c -o $@ $<

$(OUT)/%.o: t/fuzz/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -c -o $@ $<

.PRECIOUS: $(OUT)/%.o
.DELETE_ON_ERROR:

-include $(wildcard $(OUT)/*.d)
