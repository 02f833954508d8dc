/* SoftHSM, which hangs or fails where a test says so: by files beside its configuration, each named as a function.
 * NAME.hangs is a pipe that the call reads to its end before it goes on; NAME.fails holds what it answers instead; and
 * NAME.calls gets a byte for each call. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef unsigned long word;
typedef word (*call)(word, word, word, word);

/* CK_FUNCTION_LIST of PKCS#11 2.40: its version, then the functions in their order. */
static struct {
    word version;
    call functions[68];
} real, hostile;

static void beside(char *path, size_t size, const char *name, const char *what) {
    char conf[4096];
    snprintf(conf, sizeof conf, "%s", getenv("SOFTHSM2_CONF"));
    snprintf(path, size, "%s/%s.%s", dirname(conf), name, what);
}

static int answers(const char *name, word *answer) {
    char path[4200], text[64];
    beside(path, sizeof path, name, "calls");
    int file = open(path, O_WRONLY | O_APPEND | O_CREAT, 0600);
    if (file < 0 || write(file, ".", 1) != 1) abort();
    close(file);
    beside(path, sizeof path, name, "hangs");
    if ((file = open(path, O_RDONLY)) >= 0) {
        while (read(file, text, sizeof text) > 0) {}
        close(file);
    }
    beside(path, sizeof path, name, "fails");
    if ((file = open(path, O_RDONLY)) < 0) return 0;
    ssize_t length = read(file, text, sizeof text - 1);
    close(file);
    text[length < 0 ? 0 : length] = 0;
    *answer = strtoul(text, NULL, 0);
    return 1;
}

#define HOSTILE(name, at)                                                                                              \
    static word name(word a, word b, word c, word d) {                                                                 \
        word answer;                                                                                                   \
        return answers(#name, &answer) ? answer : real.functions[at](a, b, c, d);                                      \
    }

HOSTILE(C_Initialize, 0)
HOSTILE(C_Finalize, 1)
HOSTILE(C_Login, 18)
HOSTILE(C_SignInit, 42)

word C_GetFunctionList(void **list) {
    void *library = dlopen(SOFTHSM, RTLD_NOW);
    word (*get)(void **) = library ? (word(*)(void **))dlsym(library, "C_GetFunctionList") : NULL;
    void *known;
    if (!get || get(&known)) return 5;
    memcpy(&real, known, sizeof real);
    hostile = real;
    hostile.functions[0] = C_Initialize;
    hostile.functions[1] = C_Finalize;
    hostile.functions[18] = C_Login;
    hostile.functions[42] = C_SignInit;
    *list = &hostile;
    return 0;
}
