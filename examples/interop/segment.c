/*
 * A C program that shares a segment with Node.js: it maps the file named by `segment.path`, converts the contents to upper
 * case, and appends an exclamation mark.
 *
 *     cc -o segment segment.c && ./segment /dev/shm/shmkit-<uid>/shmkit.segment.<name>
 */
#include <ctype.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* docs/format-siblings.md */
enum { MAGIC = 0, CAPACITY = 17408, SIZE = 17416, DATA = 65536 };
static const unsigned char magic[8] = {'s', 'h', 'm', 'k', 'i', 't', '\r', 0xD2};

static int fail(const char *what)
{
    perror(what);
    return 1;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s path\n", argv[0]);
        return 2;
    }
    int fd = open(argv[1], O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return fail("open");
    }
    unsigned char *head = mmap(NULL, DATA, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (head == MAP_FAILED) {
        return fail("mmap");
    }
    if (memcmp(head + MAGIC, magic, sizeof magic) != 0) {
        fprintf(stderr, "%s is no segment\n", argv[1]);
        return 1;
    }
    /* Acquire: a process that sees the size also sees the bytes. */
    uint64_t capacity = __atomic_load_n((uint64_t *)(head + CAPACITY), __ATOMIC_ACQUIRE);
    uint64_t size = __atomic_load_n((uint64_t *)(head + SIZE), __ATOMIC_ACQUIRE);
    struct stat status;
    if (fstat(fd, &status) != 0 || capacity == 0 || capacity > (uint64_t)status.st_size - DATA || size > capacity) {
        fprintf(stderr, "%s is damaged, or empty\n", argv[1]);
        return 1;
    }
    char *data = mmap(NULL, capacity, PROT_READ | PROT_WRITE, MAP_SHARED, fd, DATA);
    if (data == MAP_FAILED) {
        return fail("mmap");
    }
    printf("%" PRIu64 " of %" PRIu64 " bytes: %.*s\n", size, capacity, (int)size, data);
    for (uint64_t i = 0; i < size; i++) {
        data[i] = (char)toupper((unsigned char)data[i]);
    }
    if (size < capacity) {
        data[size] = '!';
        /* Release: pairs with the Acquire load of the size in other processes. */
        __atomic_store_n((uint64_t *)(head + SIZE), size + 1, __ATOMIC_RELEASE);
    }
    return 0;
}
