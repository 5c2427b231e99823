/* Scripts that complete starbind's command line. An option's row says what may follow it; the
 * scripts hold nothing else, so they change when the table does. */
#include "proxy/complete.h"

#include <string.h>

#include "base/slice.h"

static const struct {
    const char *name, *options, *operand, *meaning;
} commands[] = {
#define COMMAND(name, run, options, operand, meaning) {#name, options, operand, meaning},
#include "proxy/commands.def"
#undef COMMAND
};

enum { COMMANDS = sizeof(commands) / sizeof(*commands) };

struct choice {
    struct slice option; /* with its dashes */
    struct slice values; /* behind '='; data NULL: it takes none */
};

/* The next option of a row; false at its end. */
static bool next_choice(const char **at, struct choice *c)
{
    *at += strspn(*at, " ");
    struct slice word = {*at, strcspn(*at, " ")};
    const char *equals = word.size ? memchr(word.data, '=', word.size) : NULL;

    *at += word.size;
    c->option = equals ? slice_head(word, (size_t)(equals - word.data)) : word;
    c->values = equals ? slice_after(word, c->option.size + 1) : (struct slice){0};
    return word.size > 0;
}

static bool is_file(struct slice values)
{
    return slice_equal(values, SLICE("FILE"));
}

/* "a|b" as words. */
static void put_words(struct slice values, FILE *out)
{
    for (size_t i = 0; i < values.size; i++)
        fputc(values.data[i] == '|' ? ' ' : values.data[i], out);
}

/* ---- bash ---- */

static void put_bash_values(FILE *out)
{
    struct choice c;

    for (size_t i = 0; i < COMMANDS; i++)
        for (const char *at = commands[i].options; next_choice(&at, &c);) {
            if (!c.values.data)
                continue;
            fprintf(out, "    '%s %.*s') ", commands[i].name, SHOW(c.option));
            if (is_file(c.values)) {
                fputs("mapfile -t COMPREPLY < <(compgen -f -- \"$word\")", out);
            } else {
                fputs("mapfile -t COMPREPLY < <(compgen -W '", out);
                put_words(c.values, out);
                fputs("' -- \"$word\")", out);
            }
            fputs("; return ;;\n", out);
        }
}

static void put_bash_options(FILE *out)
{
    struct choice c;

    for (size_t i = 0; i < COMMANDS; i++) {
        fprintf(out, "    %s) words='", commands[i].name);
        for (const char *at = commands[i].options; next_choice(&at, &c);)
            fprintf(out, "%.*s ", SHOW(c.option));
        fprintf(out, "'%s ;;\n", *commands[i].operand ? "; files=yes" : "");
    }
}

static void print_bash(FILE *out)
{
    fputs("# bash completion for starbind\n"
          "_starbind() {\n"
          "    local word=${COMP_WORDS[COMP_CWORD]} words='' files=''\n"
          "    if [ \"$COMP_CWORD\" = 1 ]; then\n"
          "        mapfile -t COMPREPLY < <(compgen -W '",
          out);
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(out, "%s ", commands[i].name);
    fputs("' -- \"$word\")\n"
          "        return\n"
          "    fi\n"
          "    case \"${COMP_WORDS[1]} ${COMP_WORDS[COMP_CWORD - 1]}\" in\n",
          out);
    put_bash_values(out);
    fputs("    esac\n"
          "    case ${COMP_WORDS[1]} in\n",
          out);
    put_bash_options(out);
    fputs("    esac\n"
          "    mapfile -t COMPREPLY < <(compgen -W \"$words\" ${files:+-f} -- \"$word\")\n"
          "}\n"
          "complete -o filenames -F _starbind starbind\n",
          out);
}

/* ---- zsh ---- */

static void put_zsh_options(FILE *out)
{
    struct choice c;

    for (size_t i = 0; i < COMMANDS; i++) {
        fprintf(out, "%s) _arguments", commands[i].name);
        for (const char *at = commands[i].options; next_choice(&at, &c);) {
            fprintf(out, " '%.*s", SHOW(c.option));
            if (is_file(c.values)) {
                fputs(":file:_files", out);
            } else if (c.values.size) {
                fputs(":value:(", out);
                put_words(c.values, out);
                fputc(')', out);
            } else if (c.values.data) {
                fputs(":value: ", out);
            }
            fputc('\'', out);
        }
        fprintf(out, "%s ;;\n", *commands[i].operand ? " '*:file:_files'" : "");
    }
}

static void print_zsh(FILE *out)
{
    fputs("#compdef starbind\n"
          "if ((CURRENT == 2)); then\n"
          "    local -a commands\n"
          "    commands=(",
          out);
    for (size_t i = 0; i < COMMANDS; i++) {
        const char *colon = strchr(commands[i].meaning, ':');
        size_t size = colon ? (size_t)(colon - commands[i].meaning) : strlen(commands[i].meaning);
        fprintf(out, "'%s:%.*s' ", commands[i].name, (int)size, commands[i].meaning);
    }
    fputs(")\n"
          "    _describe command commands\n"
          "    return\n"
          "fi\n"
          "local command=$words[2]\n"
          "shift words\n"
          "((CURRENT--))\n"
          "case $command in\n",
          out);
    put_zsh_options(out);
    fputs("esac\n", out);
}

bool complete_print(const char *shell, FILE *out)
{
    if (strcmp(shell, "bash") == 0)
        print_bash(out);
    else if (strcmp(shell, "zsh") == 0)
        print_zsh(out);
    else
        return false;
    return true;
}
