/* `starbind init`: a first configuration, made of what a cluster has. It makes files only: what the
 * cluster lacks of it, `provision` brings there. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "proxy/ask.h"
#include "proxy/commands.h"
#include "proxy/setup/draft.h"

static const char name[] = "starbind init";

struct wish {
    const char *url, *user, *password, *folder;
};

static bool complain(const char *path)
{
    fprintf(stderr, "%s: %s: %s\n", name, path, strerror(errno));
    return false;
}

/* ---- files ---- */

/* A new file, for its owner only; -1 after a complaint. */
static int create(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd < 0)
        complain(path);
    return fd;
}

static bool finish(int fd, const char *path, bool good)
{
    good &= close(fd) == 0;
    return good || complain(path);
}

/* For the owner, and for the group of the folder, in which the service is. */
static bool write_file(struct arena *arena, const char *folder, const char *file,
                       struct slice bytes)
{
    const char *path = arena_print(arena, "%s/%s", folder, file).data;
    struct stat about;
    int fd = create(path);

    if (fd < 0)
        return false;
    bool good = write(fd, bytes.data, bytes.size) == (ssize_t)bytes.size;
    if (stat(folder, &about) == 0 && fchown(fd, (uid_t)-1, about.st_gid) == 0)
        good &= fchmod(fd, 0640) == 0;
    return finish(fd, path, good);
}

static bool write_secrets(const struct draft *d, const char *folder)
{
    const char *secrets = arena_print(d->arena, "%s/secrets", folder).data;
    struct stat about;

    if (mkdir(secrets, 0700) != 0 && errno != EEXIST)
        return complain(secrets);
    if (stat(folder, &about) == 0 && chown(secrets, (uid_t)-1, about.st_gid) == 0
        && chmod(secrets, 0750) != 0)
        return complain(secrets);
    for (size_t i = 0; i < d->secret_count; i++)
        if (!write_file(d->arena, secrets, arena_text(d->arena, d->secrets[i].file),
                        d->secrets[i].password))
            return false;
    return true;
}

static bool write_first(const struct draft *d, const char *folder)
{
    const char *path = arena_print(d->arena, "%s/first-passwords", folder).data;
    int fd = create(path);
    bool good = fd >= 0;

    for (size_t i = 0; good && i < d->first_count; i++)
        good = dprintf(fd, "%.*s\t%.*s\n", SHOW(d->first[i].file), SHOW(d->first[i].password)) > 0;
    return fd >= 0 && finish(fd, path, good);
}

/* The configuration comes last: it is there only with all that it refers to. */
static bool write_all(const struct draft *d, const char *folder)
{
    char *json = json_dumps(d->config, JSON_INDENT(2));
    struct slice text = arena_print(d->arena, "%s\n", json);
    const char *path = arena_print(d->arena, "%s/starbind.json", folder).data;

    free(json);
    if (access(path, F_OK) == 0) {
        errno = EEXIST;
        return complain(path);
    }
    return write_secrets(d, folder) && write_first(d, folder)
           && write_file(d->arena, folder, "starbind.json", text);
}

/* ---- what is said ---- */

static void print_notes(const struct draft *d, const struct survey *s, const char *folder)
{
    printf("Found: %s %.*s, %zu databases, %zu users\n"
           "Written: %s/starbind.json, with %zu projects and %zu users\n"
           "         %s/secrets/, passwords of %zu accounts that are still to be made\n"
           "         %s/first-passwords: hand them out, then delete the file\n\n"
           "For you to decide:\n",
           s->kind == CLUSTER_STARROCKS ? "StarRocks" : "a server that is no StarRocks",
           SHOW(s->version), s->databases.count, s->user_count, folder, d->projects, d->first_count,
           folder, d->secret_count, folder);
    for (size_t i = 0; i < d->notes.count; i++)
        printf("  - %.*s\n", SHOW(d->notes.at[i]));
}

static void print_next(const struct wish *wish)
{
    printf("\nNext:\n"
           "  starbind provision -c %s/starbind.json --apply -u %s\n"
           "  starbind check --live %s/starbind.json\n"
           "  starbind run -c %s/starbind.json\n"
           "Then http://127.0.0.1:8131/ is the status page.\n",
           wish->folder, wish->user, wish->folder, wish->folder);
}

/* What was written is what `check` reads. */
static int check(const struct draft *d, const char *folder)
{
    struct findings findings;

    findings_init(&findings);
    struct config *config =
        config_load(arena_print(d->arena, "%s/starbind.json", folder).data, &findings);
    findings_print(&findings, stdout);
    findings_fini(&findings);
    config_unref(config);
    return config ? 0 : 1;
}

/* ---- the way ---- */

static int draft_and_write(const struct wish *wish, const struct survey *s, struct arena *arena)
{
    struct draft draft;

    draft_make(&draft, s, slice_of(wish->url), arena);
    int status = write_all(&draft, wish->folder) ? 0 : 1;
    if (status == 0) {
        print_notes(&draft, s, wish->folder);
        status = check(&draft, wish->folder);
        print_next(wish);
    }
    draft_fini(&draft);
    return status;
}

static int survey_and_draft(const struct wish *wish, const struct config *c)
{
    struct account account = {.username = slice_of(wish->user)};
    char reason[INQUIRY_REASON] = "";
    struct arena arena;
    struct survey survey;
    struct slice why = {0};
    unsigned error;
    int status = 1;

    if (!ask_secret(wish->password, name, &account.password))
        return 1;
    arena_init(&arena, NULL);
    struct inquiry *q = inquiry_open(c, &c->clusters[0], NULL, &account, &error, reason);
    if (!q)
        fprintf(stderr, "%s: no frontend lets it in: %s\n", name, reason);
    else if (!survey_read(&survey, q, &arena, &why))
        fprintf(stderr, "%s: %.*s\n", name, SHOW(why));
    else
        status = draft_and_write(wish, &survey, &arena);
    inquiry_close(q);
    secret_fini(&account.password);
    arena_clear(&arena);
    return status;
}

/* The URL is judged as a configuration's would be. */
static struct config *config_of(const char *url)
{
    json_t *json = json_pack("{s:{s:{s:s}}, s:[{s:s, s:s}]}", "clusters", "main", "jdbc_url", url,
                             "listeners", "protocol", "mysql", "address", "127.0.0.1:9130");
    char *text = json ? json_dumps(json, 0) : NULL;
    struct config *config = NULL;
    struct findings findings;

    findings_init(&findings);
    if (text)
        config = config_load_text("--from", slice_of(text), &findings);
    else
        fprintf(stderr, "%s: --from is no UTF-8\n", name);
    if (!config)
        findings_print(&findings, stderr);
    findings_fini(&findings);
    free(text);
    json_decref(json);
    return config;
}

static int usage(void)
{
    fprintf(stderr,
            "usage: starbind init --from jdbc:mysql://HOST:PORT [-u USER] [--password env:NAME | "
            "file:PATH] [-o FOLDER]\n\n"
            "Writes a first configuration from what a cluster has: starbind.json and the secrets "
            "that it refers to, into FOLDER (the current one). USER, an account that sees "
            "databases, users and their grants, is root.\n");
    return 2;
}

int init_command(int argc, char **argv)
{
    static const struct option options[] = {{"from", required_argument, NULL, 'f'},
                                            {"user", required_argument, NULL, 'u'},
                                            {"password", required_argument, NULL, 'p'},
                                            {"output", required_argument, NULL, 'o'},
                                            {0}};
    struct wish wish = {.user = "root", .folder = "."};
    int option;

    while ((option = getopt_long(argc, argv, "u:o:", options, NULL)) != -1) {
        switch (option) {
        case 'f':
            wish.url = optarg;
            break;
        case 'u':
            wish.user = optarg;
            break;
        case 'p':
            wish.password = optarg;
            break;
        case 'o':
            wish.folder = optarg;
            break;
        default:
            return usage();
        }
    }
    if (!wish.url || optind != argc)
        return usage();
    struct config *config = config_of(wish.url);
    int status = config ? survey_and_draft(&wish, config) : 1;
    config_unref(config);
    return status;
}
