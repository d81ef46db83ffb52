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
function said(line) { return "     " quoted(line) " \"\\n\"\n" }
function flush() {
    if (code)
        entries = entries "    {'" kind "', " code ",\n" text "    },\n"
}
BEGIN {
    blank = said("")
    print "/* Made from codes.txt by codes.awk. */"
}
/^#/ { next }
/^[EW][0-9][0-9][0-9][0-9]$/ {
    flush()
    kind = substr($0, 1, 1)
    code = substr($0, 2) + 0
    text = ""
    before = 0
    next
}
/^= / {
    # As the source spells it: a C string without its quotes.
    messages = messages "    {\"" substr($0, 3) "\", " code "},\n"
    what = kind == "W" ? "warning: " : "error: "
    text = text said(what shown(substr($0, 3)))
    next
}
/^$/ || /^! / { next }
{
    part = /^    / ? 2 : /^  [+]/ ? 3 : 1
    if (part != before)
        text = text blank (part == 3 ? said("Write:") blank : "")
    before = part
    sub(/^  [+] ?/, "    ")
    text = text said($0)
}
END {
    flush()
    print "static const struct error_message error_messages[] = {"
    printf "%s};\n\n", messages
    print "static const struct error_entry error_entries[] = {"
    printf "%s};\n", entries
}
