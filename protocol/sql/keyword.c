/* The words of the lexer, found by a hash table that is made once. */
#include "protocol/sql/sql_private.h"

#include <pthread.h>

enum { SLOT_BITS = 11, SLOTS = 1 << SLOT_BITS, LONGEST = 24 };

static const struct {
    const char *text;
    uint8_t size;
    bool reserved;
} words[KEYWORDS] = {
    [NO_KEYWORD] = {"", 0, false},
#define KEYWORD(word, is_reserved) [K_##word] = {#word, sizeof(#word) - 1, is_reserved},
#include "protocol/sql/keywords.def"
#undef KEYWORD
};

/* A word of two to LONGEST bytes in three numbers, letter case left out: clearing bit 5 maps small
 * letters to capitals, and nothing else that stands in words onto a character of a keyword. */
struct shape {
    uint64_t first, middle, last;
};

/* Written once, under slots_once. */
static uint16_t slots[SLOTS];
static struct shape shapes[KEYWORDS];
static uint32_t lengths[32]; /* by first letter: a bit for each length that a word has */
static pthread_once_t slots_once = PTHREAD_ONCE_INIT;

static inline uint64_t eight_bytes(const char *at)
{
    uint64_t bytes;

    memcpy(&bytes, at, sizeof(bytes));
    return bytes & 0xdfdfdfdfdfdfdfdfU;
}

static inline uint64_t four_bytes(const char *at)
{
    uint32_t bytes;

    memcpy(&bytes, at, sizeof(bytes));
    return bytes & 0xdfdfdfdfU;
}

static inline uint64_t two_bytes(const char *at)
{
    uint16_t bytes;

    memcpy(&bytes, at, sizeof(bytes));
    return bytes & 0xdfdfU;
}

/* Pieces from both ends, which may overlap. */
static inline struct shape shape_of(struct slice word)
{
    const char *from = word.data, *end = word.data + word.size;

    if (word.size < 4)
        return (struct shape){two_bytes(from), 0, two_bytes(end - 2)};
    if (word.size < 8)
        return (struct shape){four_bytes(from), 0, four_bytes(end - 4)};
    return (struct shape){eight_bytes(from), word.size > 16 ? eight_bytes(from + 8) : 0,
                          eight_bytes(end - 8)};
}

static inline uint32_t slot_of(struct shape s)
{
    uint64_t mixed = (s.first * 0x9e3779b97f4a7c15U) ^ s.middle ^ s.last;

    return (uint32_t)((mixed * 0xc2b2ae3d27d4eb4fU) >> (64 - SLOT_BITS));
}

static inline bool is_equal(struct shape a, struct shape b)
{
    return a.first == b.first && a.middle == b.middle && a.last == b.last;
}

static void slots_fill(void)
{
    for (unsigned k = NO_KEYWORD + 1; k < KEYWORDS; k++) {
        shapes[k] = shape_of(keyword_text((enum keyword)k));
        uint32_t at = slot_of(shapes[k]);
        while (slots[at])
            at = (at + 1) % SLOTS;
        slots[at] = (uint16_t)k;
        lengths[words[k].text[0] & 0x1f] |= 1U << words[k].size;
    }
}

void keywords_prepare(void)
{
    pthread_once(&slots_once, slots_fill);
}

enum keyword keyword_find(struct slice word)
{
    if (word.size < 2 || word.size > LONGEST || !(lengths[word.data[0] & 0x1f] >> word.size & 1U))
        return NO_KEYWORD;
    const struct shape shape = shape_of(word);
    for (uint32_t at = slot_of(shape); slots[at]; at = (at + 1) % SLOTS)
        if (is_equal(shapes[slots[at]], shape) && words[slots[at]].size == word.size)
            return (enum keyword)slots[at];
    return NO_KEYWORD;
}

/* Long s and dotless i are S and I in the frontend's keywords. */
bool keyword_is_imitated(struct slice word)
{
    char folded[32];
    size_t size = 0;

    for (size_t i = 0; i < word.size; i++) {
        unsigned char c = (unsigned char)word.data[i], next = 0;
        if (i + 1 < word.size)
            next = (unsigned char)word.data[i + 1];
        if (size == sizeof(folded))
            return false;
        if ((c == 0xc5 && next == 0xbf) || (c == 0xc4 && next == 0xb1)) {
            folded[size++] = c == 0xc5 ? 's' : 'i';
            i++;
        } else {
            folded[size++] = (char)c;
        }
    }
    return keyword_find((struct slice){folded, size}) != NO_KEYWORD;
}

bool keyword_is_reserved(enum keyword k)
{
    return words[k].reserved;
}

struct slice keyword_text(enum keyword k)
{
    return (struct slice){words[k].text, words[k].size};
}

bool sql_word_is_reserved(struct slice word)
{
    keywords_prepare();
    return keyword_is_reserved(keyword_find(word));
}
