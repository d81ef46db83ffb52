#include "tool/test_junit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void escaped(FILE *to, const char *text)
{
    for (; text && *text; text++) {
        unsigned char c = (unsigned char)*text;

        if (c == '<')
            fputs("&lt;", to);
        else if (c == '>')
            fputs("&gt;", to);
        else if (c == '&')
            fputs("&amp;", to);
        else if (c == '"')
            fputs("&quot;", to);
        else if (c >= 0x20 || c == '\n' || c == '\t')
            fputc(c, to);
        else
            fputc('?', to);
    }
}

static const char *text_of(const json_t *o, const char *key)
{
    return json_string_value(json_object_get(o, key));
}

static void test_case(FILE *to, const char *file, const json_t *t)
{
    fputs("    <testcase classname=\"", to);
    escaped(to, file);
    fputs("\" name=\"", to);
    escaped(to, text_of(t, "name"));
    if (strcmp(text_of(t, "status"), "passed") == 0) {
        fputs("\"/>\n", to);
        return;
    }
    fputs("\">\n      <failure message=\"failed\">", to);
    escaped(to, text_of(t, "message"));
    fputs("</failure>\n    </testcase>\n", to);
}

/* What the compiler said, a line each. */
static void diagnostics(FILE *to, const json_t *all)
{
    const json_t *d;
    size_t i;

    json_array_foreach(all, i, d)
    {
        if (text_of(d, "file")) {
            escaped(to, text_of(d, "file"));
            fprintf(to, ":%d:%d: ",
                    (int)json_integer_value(json_object_get(d, "line")),
                    (int)json_integer_value(json_object_get(d, "column")));
        }
        fprintf(to, "%s: ", text_of(d, "severity"));
        escaped(to, text_of(d, "text"));
        fputc('\n', to);
    }
}

static void suite(FILE *to, const json_t *o)
{
    const json_t *tests = json_object_get(o, "tests"), *t;
    const char *file = text_of(o, "file");
    size_t i, failed = 0;

    json_array_foreach(tests, i, t) failed +=
        strcmp(text_of(t, "status"), "passed") != 0;
    fputs("  <testsuite name=\"", to);
    escaped(to, file);
    fprintf(to, "\" tests=\"%zu\" failures=\"%zu\" errors=\"%d\">\n",
            json_array_size(tests), failed, text_of(o, "error") != NULL);
    json_array_foreach(tests, i, t) test_case(to, file, t);
    if (text_of(o, "error")) {
        fputs("    <testcase classname=\"", to);
        escaped(to, file);
        fputs("\" name=\"build\"><error message=\"", to);
        escaped(to, text_of(o, "error"));
        fputs("\">", to);
        diagnostics(to, json_object_get(o, "diagnostics"));
        fputs("</error></testcase>\n", to);
    }
    fputs("  </testsuite>\n", to);
}

bool junit_write(const json_t *results, const char *path)
{
    FILE *to = fopen(path, "we");
    const json_t *o;
    size_t i;

    if (to) {
        fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n", to);
        json_array_foreach(results, i, o) suite(to, o);
        fputs("</testsuites>\n", to);
    }
    if (to && fclose(to) == 0)
        return true;
    fprintf(stderr, "nflc: cannot write %s: %s\n", path, strerror(errno));
    return false;
}
