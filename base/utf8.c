#include "base/utf8.h"

static bool is_tail(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

size_t utf8_length(struct slice text)
{
    if (text.size == 0)
        return 0;
    unsigned char a = (unsigned char)text.data[0];
    if (a < 0x80)
        return 1;
    size_t n = a >= 0xc2 && a <= 0xdf ? 2 : (a & 0xf0) == 0xe0 ? 3 : a >= 0xf0 && a <= 0xf4 ? 4 : 0;
    if (n == 0 || n > text.size)
        return 0;
    for (size_t i = 1; i < n; i++)
        if (!is_tail(text.data[i]))
            return 0;
    unsigned char b = (unsigned char)text.data[1];
    bool overlong = (a == 0xe0 && b < 0xa0) || (a == 0xf0 && b < 0x90);
    bool surrogate = a == 0xed && b > 0x9f;
    bool beyond = a == 0xf4 && b > 0x8f;
    return overlong || surrogate || beyond ? 0 : n;
}

uint32_t utf8_code(struct slice text)
{
    static const unsigned char masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    size_t n = utf8_length(text);
    uint32_t code = n ? (unsigned char)text.data[0] & masks[n] : 0;

    for (size_t i = 1; i < n; i++)
        code = code << 6 | ((unsigned char)text.data[i] & 0x3f);
    return code;
}

bool utf8_is_valid(struct slice text)
{
    const uint64_t high = 0x8080808080808080ULL;

    while (text.size) {
        uint64_t word;
        while (text.size >= sizeof(word)) {
            memcpy(&word, text.data, sizeof(word));
            if (word & high)
                break;
            text = slice_after(text, sizeof(word));
        }
        if (text.size == 0)
            break;
        size_t n = utf8_length(text);
        if (n == 0)
            return false;
        text = slice_after(text, n);
    }
    return true;
}

size_t utf8_count(struct slice text)
{
    size_t count = 0;

    for (size_t i = 0; i < text.size; i++)
        count += !is_tail(text.data[i]);
    return count;
}
