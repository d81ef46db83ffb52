/* What nflc doctor, and a program that starts, see of a machine: machines are
 * folders with a sys/ and a proc/. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/host.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGES "/sys/kernel/mm/hugepages/hugepages-2048kB"
#define PCI   "/sys/bus/pci/devices/0000:03:00.0"
#define HELP  "; without memory options they are not needed"

static char top[PATH_MAX];
static struct nfl_host h;

/* ---- a machine ---- */

static void folders_of(char *path)
{
    char *p;

    for (p = path + strlen(top) + 1; (p = strchr(p, '/')) != NULL; p++) {
        *p = '\0';
        mkdir(path, 0755);
        *p = '/';
    }
}

static char *at(const char *name)
{
    static char path[PATH_MAX];

    nfl_host_path(path, "%s", name);
    folders_of(path);
    return path;
}

static void file(const char *name, const char *text)
{
    FILE *f = fopen(at(name), "w");

    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void link_to(const char *name, const char *to)
{
    char *path = at(name);

    unlink(path);
    assert_int_equal(symlink(to, path), 0);
}

static int machine(void **state)
{
    const char *tmp = getenv("TMPDIR");

    (void)state;
    snprintf(top, sizeof(top), "%s/nfl-host.XXXXXX", tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(top));
    nfl_host_below(top);
    return 0;
}

static int no_machine(void **state)
{
    char command[PATH_MAX + 16];

    (void)state;
    nfl_host_fini(&h);
    snprintf(command, sizeof(command), "rm -r '%s'", top);
    return system(command);
}

/* ---- findings ---- */

static void is(unsigned i, enum nfl_host_state state, const char *text,
               const char *mend)
{
    assert_true(i < h.n);
    assert_string_equal(h.v[i].text, text);
    assert_string_equal(h.v[i].mend, mend);
    assert_int_equal(h.v[i].state, state);
}

static void look(char *eal, bool all)
{
    static char *words[8];
    struct nfl_options o = {.eal = words};
    char *word;

    for (word = strtok(eal, " "); word; word = strtok(NULL, " "))
        words[o.n_eal++] = word;
    nfl_host_fini(&h);
    nfl_host_hugepages(&h, &o, all);
    nfl_host_prefix(&h, &o);
}

#define LOOK(eal, all)                                                         \
    do {                                                                       \
        char words_[] = eal;                                                   \
        look(words_, all);                                                     \
    } while (0)

/* ---- hugepages ---- */

static void no_pages(void **state)
{
    (void)state;
    LOOK("", false);
    assert_int_equal(h.n, 0);
    LOOK("--no-huge --in-memory", false);
    assert_int_equal(h.n, 0);
    LOOK("", true);
    is(0, NFL_HOST_NOTE,
       "there are no hugepages; live ports work without, but slower",
       "sysctl -w vm.nr_hugepages=512");
    LOOK("--in-memory", false);
    is(0, NFL_HOST_BAD, "there are no hugepages, and --eal asks for some" HELP,
       "sysctl -w vm.nr_hugepages=32");
    assert_int_equal(h.n, 1);
}

static void few_pages(void **state)
{
    (void)state;
    file(PAGES "/nr_hugepages", "100\n");
    file(PAGES "/free_hugepages", "0\n");
    LOOK("--in-memory -m 300", false);
    is(0, NFL_HOST_BAD,
       "all 100 hugepages are taken by other programs, and --eal asks for "
       "some" HELP,
       "sysctl -w vm.nr_hugepages=250");
    file(PAGES "/free_hugepages", "50\n");
    LOOK("--in-memory --socket-mem=100,101", false);
    is(0, NFL_HOST_BAD,
       "of 100 hugepages 50 are free, with 100 MB; 201 MB are wanted, and "
       "--eal asks for some" HELP,
       "sysctl -w vm.nr_hugepages=151");
    LOOK("--in-memory -m100", false);
    is(0, NFL_HOST_GOOD, "100 MB in hugepages are free", "");
    assert_int_equal(h.n, 1);
}

static void mounts(void **state)
{
    char text[PATH_MAX];

    (void)state;
    file(PAGES "/nr_hugepages", "64\n");
    file(PAGES "/free_hugepages", "64\n");
    file("/proc/mounts", "none /tmp tmpfs rw 0 0\n");
    LOOK("--legacy-mem", false);
    is(1, NFL_HOST_BAD,
       "no hugetlbfs is mounted, and --eal does not say --in-memory",
       "mount -m -t hugetlbfs none /dev/hugepages");
    snprintf(text, sizeof(text), "none %s hugetlbfs rw 0 0\n", "/");
    file("/proc/mounts", text);
    LOOK("--huge-dir /mnt/huge", false);
    is(1, NFL_HOST_BAD,
       "no hugetlbfs is mounted at /mnt/huge, and --eal does not say "
       "--in-memory",
       "mount -m -t hugetlbfs none /mnt/huge");
}

static void gigantic(void **state)
{
    (void)state;
    file(PAGES "/nr_hugepages", "0\n");
    file("/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages", "1\n");
    file("/sys/kernel/mm/hugepages/hugepages-1048576kB/free_hugepages", "0\n");
    LOOK("--in-memory", false);
    assert_string_equal(h.v[0].mend, "echo 2 >/sys/kernel/mm/hugepages/"
                                     "hugepages-1048576kB/nr_hugepages");
}

/* ---- a second instance ---- */

static pid_t hold(const char *path)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int ready[2];
    pid_t pid;
    char c;

    assert_int_equal(pipe(ready), 0);
    pid = fork();
    if (pid == 0) {
        int fd = open(path, O_RDWR);

        if (fcntl(fd, F_SETLK, &lock) == 0 && write(ready[1], "", 1) == 1)
            sleep(60);
        _exit(1);
    }
    assert_int_equal(read(ready[0], &c, 1), 1);
    return pid;
}

static void second(void **state)
{
    char text[512], path[PATH_MAX];
    pid_t pid;

    (void)state;
    setenv("RUNTIME_DIRECTORY", top, 1);
    LOOK("--no-huge --file-prefix=a", false);
    is(0, NFL_HOST_GOOD, "no other program has the file prefix 'a'", "");
    file("/dpdk/a/config", "");
    LOOK("--no-huge --file-prefix=a", false);
    is(0, NFL_HOST_GOOD, "no other program has the file prefix 'a'", "");
    snprintf(path, sizeof(path), "%s", at("/dpdk/a/config"));
    pid = hold(path);
    LOOK("--no-huge --file-prefix a", false);
    snprintf(text, sizeof(text),
             "another program (process %ld) runs with the file prefix 'a' "
             "already; give this one another: --eal --file-prefix=a-2",
             (long)pid);
    is(0, NFL_HOST_BAD, text, "");
    LOOK("--no-huge --file-prefix a --proc-type=secondary", false);
    assert_int_equal(h.n, 0);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

/* ---- PCI ---- */

static void pci(void **state)
{
    char text[PATH_MAX + 256];

    (void)state;
    nfl_host_pci(&h, "port a", "0000:03:00.0");
    is(0, NFL_HOST_BAD,
       "there is no PCI device 0000:03:00.0; this machine has none for "
       "networks",
       "");
    file("/sys/bus/pci/devices/0000:04:00.0/class", "0x020000\n");
    nfl_host_pci(&h, "port a", "0000:03:00.0");
    is(1, NFL_HOST_BAD,
       "there is no PCI device 0000:03:00.0; those for networks are "
       "0000:04:00.0",
       "");
    file(PCI "/class", "0x020000\n");
    nfl_host_pci(&h, "port a", "0000:03:00.0");
    is(2, NFL_HOST_BAD,
       "the kernel's module vfio-pci is not loaded, which DPDK needs for "
       "device 0000:03:00.0",
       "modprobe vfio-pci");
    file("/sys/bus/pci/drivers/vfio-pci/bind", "");
    link_to(PCI "/driver", "../../drivers/ixgbe");
    nfl_host_pci(&h, "port a", "0000:03:00.0");
    is(3, NFL_HOST_BAD,
       "device 0000:03:00.0 belongs to the kernel's driver ixgbe",
       "dpdk-devbind.py --bind=vfio-pci 0000:03:00.0");
    link_to(PCI "/driver", "../../drivers/vfio-pci");
    nfl_host_pci(&h, "port a", "0000:03:00.0");
    is(4, NFL_HOST_BAD,
       "device 0000:03:00.0 has no IOMMU group; switch the IOMMU on in the "
       "firmware (intel_iommu=on for Linux), or do without its protection",
       "modprobe vfio enable_unsafe_noiommu_mode=1");
    link_to(PCI "/iommu_group", "../../../kernel/iommu_groups/7");
    file("/sys/kernel/iommu_groups/7/type", "DMA\n");
    nfl_host_pci(&h, "port a", "0000:03:00.0");
    snprintf(text, sizeof(text),
             "no permission to use device 0000:03:00.0: %s/dev/vfio/7: No "
             "such file or directory; run it as root, or give the file to the "
             "user",
             top);
    is(5, NFL_HOST_BAD, text, "");
    file("/dev/vfio/7", "");
    nfl_host_pci(&h, "port a", "0000:03:00.0");
    if (geteuid() == 0)
        is(6, NFL_HOST_GOOD, "device 0000:03:00.0 is bound to vfio-pci", "");
}

static void vfio(void **state)
{
    (void)state;
    nfl_host_vfio(&h);
    is(0, NFL_HOST_NOTE, "this machine has no PCI device for networks", "");
    file(PCI "/class", "0x020000\n");
    nfl_host_vfio(&h);
    is(1, NFL_HOST_NOTE,
       "vfio-pci is not loaded; PCI devices need it: 0000:03:00.0",
       "modprobe vfio-pci");
    file("/sys/bus/pci/drivers/vfio-pci/bind", "");
    nfl_host_vfio(&h);
    is(2, NFL_HOST_NOTE,
       "there is no IOMMU; PCI devices need it, or to do without: "
       "0000:03:00.0",
       "modprobe vfio enable_unsafe_noiommu_mode=1");
    file("/sys/module/vfio/parameters/enable_unsafe_noiommu_mode", "Y\n");
    nfl_host_vfio(&h);
    is(3, NFL_HOST_GOOD, "PCI devices can be bound to vfio-pci: 0000:03:00.0",
       "");
}

/* ---- interfaces ---- */

static void tap(void **state)
{
    (void)state;
    nfl_host_tap(&h, "port a", "tap0");
    is(0, NFL_HOST_BAD,
       "there is no /dev/net/tun, which interface tap0 is made by",
       "modprobe tun");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(no_pages, machine, no_machine),
        cmocka_unit_test_setup_teardown(few_pages, machine, no_machine),
        cmocka_unit_test_setup_teardown(mounts, machine, no_machine),
        cmocka_unit_test_setup_teardown(gigantic, machine, no_machine),
        cmocka_unit_test_setup_teardown(second, machine, no_machine),
        cmocka_unit_test_setup_teardown(pci, machine, no_machine),
        cmocka_unit_test_setup_teardown(vfio, machine, no_machine),
        cmocka_unit_test_setup_teardown(tap, machine, no_machine),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
