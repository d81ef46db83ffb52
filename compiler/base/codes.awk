# codes.txt as two tables in C: messages by their formats, and entries.
function quoted(s) {
    gsub(/\\/, "\\\\\\\\", s)
    gsub(/"/, "\\\\\"", s)
    return "\"" s "\""
}
# A format for people: ... for what is put in, N for numbers.
function shown(s) {
    gsub(/\\"/, "\"", s)
    gsub(/%(\.\*)?s|%04X|0x%02x/, "...", s)
    gsub(/%l*[du]/, "N", s)
    return s
}
function flush() {
    if (code)
        entries = entries "    {" code ",\n" text "    },\n"
}
BEGIN { print "/* Made from codes.txt by codes.awk. */" }
/^#/ { next }
/^E[0-9][0-9][0-9][0-9]$/ {
    flush()
    code = substr($0, 2) + 0
    text = ""
    begun = 0
    next
}
/^= / {
    # As the source spells it: a C string without its quotes.
    messages = messages "    {\"" substr($0, 3) "\", " code "},\n"
    text = text "     " quoted("error: " shown(substr($0, 3))) " \"\\n\"\n"
    next
}
/^$/ || /^! / { next }
{
    example = /^    /
    if (!begun || example != before)
        text = text "     \"\\n\"\n"
    begun = 1
    before = example
    text = text "     " quoted($0) " \"\\n\"\n"
}
END {
    flush()
    print "static const struct error_message error_messages[] = {"
    printf "%s};\n\n", messages
    print "static const struct error_entry error_entries[] = {"
    printf "%s};\n", entries
}
