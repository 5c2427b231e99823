/* Feeds a fuzz target without a fuzzer: every file named, or every file of a folder named, whole
 * and then each of its prefixes. Each input has its own allocation of exactly its size, so that
 * sanitizers see an overrun by one byte. */
#include <dirent.h>
#include <stdint.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FILE_MAX = 64 * 1024 }; /* prefixes cost its square */

static void feed(const uint8_t *bytes, size_t size)
{
    uint8_t *exact = malloc(size ? size : 1);

    if (!exact)
        abort();
    memcpy(exact, bytes, size);
    (void)LLVMFuzzerTestOneInput(exact, size);
    free(exact);
}

static int replay_file(const char *path)
{
    static uint8_t bytes[FILE_MAX];
    FILE *file = fopen(path, "rb");

    if (!file) {
        perror(path);
        return 1;
    }
    size_t size = fread(bytes, 1, sizeof(bytes), file);
    fclose(file);
    for (size_t n = 0; n <= size; n++)
        feed(bytes, n);
    return 0;
}

static int replay_folder(const char *path)
{
    DIR *folder = opendir(path);
    int failed = 0, files = 0;

    if (!folder) {
        perror(path);
        return 1;
    }
    for (struct dirent *entry; (entry = readdir(folder));) {
        char name[4096];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
        failed |= replay_file(name);
        files++;
    }
    closedir(folder);
    printf("%s: %d files, all prefixes\n", path, files);
    return failed;
}

int main(int argc, char **argv)
{
    int failed = 0;
    struct stat about;

    for (int i = 1; i < argc; i++) {
        if (stat(argv[i], &about) == 0 && S_ISDIR(about.st_mode))
            failed |= replay_folder(argv[i]);
        else
            failed |= replay_file(argv[i]);
    }
    return failed;
}
