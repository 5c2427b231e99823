/* Arenas, slabs, queues, maps. */
#include "check.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/memory.h"
#include "base/queue.h"
#include "base/slab.h"

static void an_arena_gives_zeroed_aligned_memory_and_its_blocks_back(void **state)
{
    struct arena_pool pool = {.keep = 8};
    struct arena a;

    (void)state;
    arena_init(&a, &pool);
    for (size_t round = 0; round < 3; round++) { /* reused blocks are zeroed too */
        for (size_t size = 1 + round; size < 3000; size += 7) {
            unsigned char *made = arena_alloc(&a, size);
            assert_int_equal((uintptr_t)made % _Alignof(max_align_t), 0);
            for (size_t i = 0; i < size; i++)
                assert_int_equal(made[i], 0);
            memset(made, 0xff, size);
        }
        memset(arena_alloc(&a, 2 * ARENA_BLOCK), 0xff, 2 * ARENA_BLOCK);
        arena_clear(&a);
        assert_int_equal(a.used, 0);
        assert_int_equal(pool.count, 8);
    }
    arena_pool_fini(&pool);
}

static void a_large_allocation_does_not_waste_the_block_at_hand(void **state)
{
    struct arena a;

    (void)state;
    arena_init(&a, NULL);
    char *first = arena_alloc(&a, 16);
    char *large = arena_alloc(&a, 10 * ARENA_BLOCK);
    char *second = arena_alloc(&a, 16);
    memset(large, 1, (size_t)10 * ARENA_BLOCK);
    assert_ptr_equal(second, first + 16);
    arena_clear(&a);
}

/* What long statements leave is zero for the next one, kept up to a limit, and not for ever. */
static void an_arena_keeps_the_memory_of_long_statements_for_a_while(void **state)
{
    enum { LONG = 3 * 1024 * 1024 };
    struct arena_pool pool = {.keep = 4};
    struct arena a;

    (void)state;
    arena_init(&a, &pool);
    for (size_t round = 0; round < 2; round++) {
        unsigned char *array = arena_array(&a, LONG, 1);
        for (size_t i = 0; i < LONG; i++)
            assert_int_equal(array[i], 0);
        memset(array, 0xff, LONG);
        while (a.used < 2 * LONG) { /* small objects, in blocks that grow */
            unsigned char *small = arena_alloc(&a, 1000);
            for (size_t i = 0; i < 1000; i++)
                assert_int_equal(small[i], 0);
            memset(small, 0xff, 1000);
        }
        arena_clear(&a);
        assert_true(pool.large_size >= LONG && pool.large_size <= ARENA_LARGE);
    }
    memset(arena_room(&a, 2 * ARENA_LARGE), 0xff, 2 * ARENA_LARGE);
    arena_clear(&a);
    assert_true(pool.large_size <= ARENA_LARGE);
    for (size_t i = 0; i < ARENA_KEPT + 1; i++) {
        arena_alloc(&a, 1);
        arena_clear(&a);
    }
    assert_int_equal(pool.large_size, 0);
    arena_pool_fini(&pool);
}

static void an_array_grows_in_a_used_block(void **state)
{
    enum { SMALL = 2 * ARENA_BLOCK, WIDE = 20 * ARENA_BLOCK };
    struct arena_pool pool = {.keep = 1};
    struct arena a;

    (void)state;
    arena_init(&a, &pool);
    for (size_t round = 0; round < 2; round++) {
        char *array = arena_array(&a, SMALL, 1);
        memset(array, 'x', SMALL);
        array = arena_grow(&a, array, SMALL, WIDE);
        for (size_t i = 0; i < SMALL; i++)
            assert_int_equal(array[i], 'x');
        memset(array, 'y', WIDE);
        assert_true(a.used >= WIDE);
        arena_clear(&a);
    }
    const char *zeroes = arena_array(&a, WIDE, 1);
    for (size_t i = 0; i < WIDE; i++)
        assert_int_equal(zeroes[i], 0);
    arena_clear(&a);
    arena_pool_fini(&pool);
}

static void arena_texts_end_in_nul(void **state)
{
    struct arena a;

    (void)state;
    arena_init(&a, NULL);
    assert_string_equal(arena_text(&a, SLICE("abc")), "abc");
    struct slice printed = arena_print(&a, "%s-%d", "x", 42);
    assert_slice(printed, "x-42");
    assert_int_equal(printed.data[printed.size], '\0');
    arena_clear(&a);
}

static void a_slab_reuses_what_it_gets_back(void **state)
{
    struct slab s;
    void *taken[100];

    (void)state;
    slab_init(&s, 40);
    for (size_t i = 0; i < 100; i++) {
        taken[i] = slab_take(&s);
        memset(taken[i], 0xaa, 40);
    }
    assert_int_equal(s.used, 100);
    for (size_t i = 0; i < 100; i++)
        slab_put(&s, taken[i]);
    unsigned char *fresh = slab_take(&s);
    for (size_t i = 0; i < 40; i++)
        assert_int_equal(fresh[i], 0);
    slab_put(&s, fresh);
    slab_fini(&s);
}

/* The queue against a flat buffer that does the same. */
static void a_queue_keeps_bytes_in_order_through_any_mix_of_calls(void **state)
{
    enum { TURNS = 20000, MOST = 200000 };
    struct chunk_pool pool = {.keep = 4};
    struct queue a, b;
    unsigned char *model = memory_new(MOST, 1);
    size_t from = 0, to = 0;
    unsigned seed = 7;
    unsigned char next = 0;

    (void)state;
    queue_init(&a, &pool);
    queue_init(&b, &pool);
    for (unsigned turn = 0; turn < TURNS; turn++) {
        char bytes[3000];
        seed = seed * 1103515245u + 12345u;
        size_t n = (seed >> 16) % sizeof(bytes);
        if (seed >> 31 && to + n < MOST) {
            for (size_t i = 0; i < n; i++)
                bytes[i] = (char)(model[to++] = next++);
            queue_put(&a, slice_make(bytes, n));
        } else if ((seed >> 30 & 1) && a.size) {
            queue_move(&b, &a, n < a.size ? n : a.size);
        } else if (b.size) {
            n = n < b.size ? n : b.size;
            queue_peek(&b, 0, bytes, n);
            assert_memory_equal(bytes, model + from, n);
            queue_drop(&b, n);
            from += n;
        }
        assert_int_equal(a.size + b.size, to - from);
        if (to + sizeof(bytes) >= MOST) {
            memmove(model, model + from, to - from);
            to -= from;
            from = 0;
            if (to + sizeof(bytes) >= MOST)
                break;
        }
    }
    queue_clear(&a);
    queue_clear(&b);
    assert_int_equal(pool.out, 0);
    chunk_pool_fini(&pool);
    free(model);
}

static void an_empty_queue_holds_no_chunk(void **state)
{
    struct chunk_pool pool = {.keep = 4};
    struct queue q;
    size_t room;

    (void)state;
    queue_init(&q, &pool);
    queue_reserve(&q, &room);
    assert_int_equal(pool.out, 1);
    queue_commit(&q, 0);
    assert_int_equal(pool.out, 0);
    memcpy(queue_reserve(&q, &room), "abc", 3);
    queue_commit(&q, 3);
    queue_drop(&q, 3);
    assert_int_equal(pool.out, 0);
    chunk_pool_fini(&pool);
}

static void fill(struct queue *q, size_t n, size_t expected)
{
    size_t room;
    char *at = queue_reserve(q, &room);

    assert_int_equal(room, expected);
    memset(at, 'x', n);
    queue_commit(q, n);
}

static void a_queue_asks_for_more_while_much_comes(void **state)
{
    struct chunk_pool pool = {.keep = 4};
    struct queue a, b;
    size_t room;

    (void)state;
    queue_init(&a, &pool);
    queue_init(&b, &pool);
    fill(&a, CHUNK_DATA, CHUNK_DATA);
    queue_move(&b, &a, a.size);
    queue_reserve(&a, &room);
    queue_commit(&a, 0); /* nothing was there: it stays as it is */
    fill(&a, CHUNK_DATA + 1, CHUNK_LARGE);
    queue_move(&b, &a, a.size);
    fill(&a, 100, CHUNK_LARGE);
    queue_move(&b, &a, a.size); /* there is room for it in what came before */
    assert_int_equal(pool.out, 2);
    fill(&a, 1, CHUNK_DATA);
    queue_clear(&a);
    queue_clear(&b);
    assert_int_equal(pool.out, 0);
    chunk_pool_fini(&pool);
}

static void moving_whole_chunks_copies_nothing(void **state)
{
    struct chunk_pool pool = {.keep = 4};
    struct queue a, b;
    size_t room;

    (void)state;
    queue_init(&a, &pool);
    queue_init(&b, &pool);
    char *at = queue_reserve(&a, &room);
    memset(at, 'x', room);
    queue_commit(&a, room);
    queue_move(&b, &a, room);
    assert_ptr_equal(queue_front(&b).data, at);
    assert_int_equal(pool.out, 1);
    queue_clear(&b);
    chunk_pool_fini(&pool);
}

/* At every place of a word of the hash, and behind the last whole one. */
static void only_the_case_of_ascii_letters_is_left_out_of_a_hash(void **state)
{
    (void)state;
    for (unsigned byte = 0; byte < 256; byte++)
        for (size_t i = 0; i < 11; i++) {
            char one[] = "0123456789a", other[] = "0123456789a";

            one[i] = (char)byte;
            other[i] = ascii_lower((char)byte);
            struct slice a = slice_make(one, 11), b = slice_make(other, 11);
            assert_true(map_hash(a, MAP_NOCASE) == map_hash(b, MAP_NOCASE));
            assert_true((map_hash(a, MAP_EXACT) == map_hash(b, MAP_EXACT)) == slice_equal(a, b));
            other[i] = (char)(ascii_lower((char)byte) ^ 0x20);
            assert_true((map_hash(a, MAP_NOCASE) == map_hash(b, MAP_NOCASE))
                        == slice_equal_nocase(a, b));
        }
}

static void a_map_finds_every_key_and_nothing_else(void **state)
{
    enum { KEYS = 5000 };
    struct map m;
    char(*keys)[16] = memory_new(KEYS, sizeof(*keys));

    (void)state;
    map_init(&m, MAP_NOCASE);
    for (size_t i = 0; i < KEYS; i++) {
        snprintf(keys[i], sizeof(keys[i]), "Key%zu", i);
        assert_true(map_put(&m, slice_of(keys[i]), keys[i]));
    }
    assert_false(map_put(&m, SLICE("KEY17"), keys[0]));
    assert_ptr_equal(map_find(&m, SLICE("kEy4999")), keys[4999]);
    assert_null(map_find(&m, SLICE("key5000")));
    size_t at = 0, seen = 0;
    while (map_next(&m, &at))
        seen++;
    assert_int_equal(seen, KEYS);
    map_fini(&m);
    assert_null(map_find(&m, SLICE("key1")));
    free(keys);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_arena_gives_zeroed_aligned_memory_and_its_blocks_back),
        cmocka_unit_test(a_large_allocation_does_not_waste_the_block_at_hand),
        cmocka_unit_test(an_arena_keeps_the_memory_of_long_statements_for_a_while),
        cmocka_unit_test(an_array_grows_in_a_used_block),
        cmocka_unit_test(arena_texts_end_in_nul),
        cmocka_unit_test(a_slab_reuses_what_it_gets_back),
        cmocka_unit_test(a_queue_keeps_bytes_in_order_through_any_mix_of_calls),
        cmocka_unit_test(an_empty_queue_holds_no_chunk),
        cmocka_unit_test(a_queue_asks_for_more_while_much_comes),
        cmocka_unit_test(moving_whole_chunks_copies_nothing),
        cmocka_unit_test(only_the_case_of_ascii_letters_is_left_out_of_a_hash),
        cmocka_unit_test(a_map_finds_every_key_and_nothing_else),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
