/* The words of the lexer, found by a hash table that is made once. */
#include "protocol/sql/sql_private.h"

#include <pthread.h>

enum { SLOTS = 2048, LONGEST = 22 };

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

/* Written once, under slots_once. */
static uint16_t slots[SLOTS];
static uint32_t lengths[32]; /* by first letter: a bit for each length that a word has */
static pthread_once_t slots_once = PTHREAD_ONCE_INIT;

/* Letter case does not count: clearing bit 5 maps letters to capitals, and what it does to digits
 * and
 * '_' does no harm in a hash. */
static uint32_t word_hash(const char *text, size_t size)
{
    uint32_t hash = (uint32_t)size;

    for (size_t i = 0; i < size; i++)
        hash = (hash ^ ((unsigned char)text[i] & 0xdfU)) * 16777619U;
    return (hash ^ (hash >> 15)) % SLOTS;
}

static void slots_fill(void)
{
    for (unsigned k = NO_KEYWORD + 1; k < KEYWORDS; k++) {
        uint32_t at = word_hash(words[k].text, words[k].size);
        while (slots[at])
            at = (at + 1) % SLOTS;
        slots[at] = (uint16_t)k;
        lengths[words[k].text[0] & 0x1f] |= 1U << words[k].size;
    }
}

static bool word_is(unsigned k, struct slice word)
{
    if (words[k].size != word.size)
        return false;
    for (size_t i = 0; i < word.size; i++)
        if (ascii_upper(word.data[i]) != words[k].text[i])
            return false;
    return true;
}

void keywords_prepare(void)
{
    pthread_once(&slots_once, slots_fill);
}

enum keyword keyword_find(struct slice word)
{
    if (word.size < 2 || word.size > LONGEST || !(lengths[word.data[0] & 0x1f] >> word.size & 1U))
        return NO_KEYWORD;
    for (uint32_t at = word_hash(word.data, word.size); slots[at]; at = (at + 1) % SLOTS)
        if (word_is(slots[at], word))
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
