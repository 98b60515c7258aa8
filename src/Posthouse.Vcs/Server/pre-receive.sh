#!/bin/sh
# Makes the locks of posthouse mandatory on this repository: a push that changes a locked path must carry the lock's renewal,
# as `posthouse push` does. Save as hooks/pre-receive of the bare repository and make it executable. Needs sh, awk and Git.
#
# Locked is what a record says that is held and not expired by this machine's clock. Names are compared as they are, except that
# the letters A to Z count as a to z. Content that the default branch has already is nobody's change.
LC_ALL=C
export LC_ALL
branch_rules=0
locks=refs/posthouse/locks/
fallback=refs/heads/posthouse-locks/
empty=$(git hash-object -t tree /dev/null)
default=$(git rev-parse --quiet --verify 'HEAD^{commit}') || default=$empty

# The record is the line of the commit's message that begins with a brace.
record() { git log -1 --format=%B "$1" | grep '^{' | head -n 1; }

# Paths that differ between two states, each behind a mark and the branch.
differ() {
    git -c core.quotePath=false diff-tree -r --name-only --no-renames "$3" "$4" | while IFS= read -r path; do
        printf '%s %s %s\n' "$1" "$2" "$path"
    done
}

gather() {
    git for-each-ref --format='held %(refname) %(contents:body)' "$locks" "$fallback"
    while read -r old new ref; do
        case $new in *[!0]*) gone=0 ;; *) gone=1 ;; esac
        case $old in *[!0]*) ;; *) old=$empty ;; esac
        case $ref in
            "$locks"probe-* | "$fallback"probe-*) ;; # What `posthouse remote check` tries, and takes away again.
            "$locks"* | "$fallback"*)
                if [ $gone = 1 ]; then printf 'removed %s\n' "$ref"; else printf 'sent %s %s\n' "$ref" "$(record "$new")"; fi ;;
            refs/heads/*)
                if [ $gone = 1 ]; then printf 'deleted %s\n' "${ref#refs/heads/}"; else
                    differ moved "${ref#refs/heads/}" "$old" "$new"
                    differ parted "${ref#refs/heads/}" "$default" "$new"
                fi ;;
        esac
    done
}

gather | awk -v branch_rules="$branch_rules" -v now="$(date -u +%Y-%m-%dT%H:%M:%S)" '
    # The text between a mark and the next quote that is not escaped, as it stands.
    function member(json, mark,    at) {
        at = index(json, mark)
        if (at == 0) return ""
        json = substr(json, at + length(mark))
        match(json, /^([^"\\]|\\.)*/)
        return substr(json, 1, RLENGTH)
    }
    function utf8(code) {
        if (code < 128) return sprintf("%c", code)
        if (code < 2048) return sprintf("%c%c", 192 + int(code / 64), 128 + code % 64)
        if (code < 65536) return sprintf("%c%c%c", 224 + int(code / 4096), 128 + int(code / 64) % 64, 128 + code % 64)
        return sprintf("%c%c%c%c", 240 + int(code / 262144), 128 + int(code / 4096) % 64, 128 + int(code / 64) % 64, 128 + code % 64)
    }
    function number(digits, radix,    i, sum) {
        for (i = 1; i <= length(digits); i++) sum = sum * radix + index("0123456789abcdef", tolower(substr(digits, i, 1))) - 1
        return sum
    }
    # Undoes the escapes of JSON and of the quotes that Git puts around a strange name.
    function plain(text,    at, next_one, code, result) {
        while ((at = index(text, "\\")) > 0) {
            result = result substr(text, 1, at - 1)
            next_one = substr(text, at + 1, 1)
            text = substr(text, at + 2)
            if (next_one == "u") {
                code = number(substr(text, 1, 4), 16)
                text = substr(text, 5)
                if (code >= 55296 && code < 56320) {
                    code = 65536 + (code - 55296) * 1024 + number(substr(text, 3, 4), 16) - 56320
                    text = substr(text, 7)
                }
                result = result utf8(code)
            } else if (next_one ~ /[0-7]/) {
                result = result sprintf("%c", number(next_one substr(text, 1, 2), 8))
                text = substr(text, 3)
            } else if (index("abtnvfr", next_one) > 0) {
                result = result sprintf("%c", 6 + index("abtnvfr", next_one))
            } else result = result next_one
        }
        return result text
    }
    function covers(lock, path) { return lock == "." || path == lock || index(path, lock "/") == 1 }
    function refuse(why) { print "posthouse: " why > "/dev/stderr"; refused = 1 }

    { mark = $1; what = $2; rest = substr($0, length(mark) + length(what) + 3) }
    mark == "held" && rest ~ /^\{"v":1,/ && member(rest, ",\"state\":\"") == "held" {
        expires = member(rest, ",\"expires_at\":\"")
        if (expires > now) {
            shown[what] = plain(member(rest, "\"path\":\""))
            path_of[what] = tolower(shown[what])
            id_of[what] = member(rest, ",\"lock_id\":\"")
            branch_of[what] = plain(member(rest, ",\"base\":{\"branch\":\""))
            owner_of[what] = plain(member(rest, ",\"user\":\"")) "@" plain(member(rest, ",\"host\":\""))
            until[what] = substr(expires, 1, 16)
        }
    }
    mark == "sent" && member(rest, ",\"state\":\"") != "broken" { renewed[what] = member(rest, ",\"lock_id\":\"") }
    mark == "removed" { refuse("a lock record is never removed; say \"posthouse lock break\"") }
    mark == "deleted" { touched["." SUBSEP what] = "." }
    mark == "moved" { moved[what " " rest] = 1 }
    mark == "parted" && (what " " rest) in moved {
        if (rest ~ /^".*"$/) rest = plain(substr(rest, 2, length(rest) - 2))
        touched[rest SUBSEP what] = tolower(rest)
    }
    END {
        for (ref in path_of) {
            if (renewed[ref] == id_of[ref]) continue
            for (one in touched) {
                split(one, parts, SUBSEP)
                if (branch_rules && branch_of[ref] != "" && branch_of[ref] != parts[2]) continue
                if (!covers(path_of[ref], touched[one])) continue
                refuse(shown[ref] " is locked by " owner_of[ref] " until " until[ref] " UTC, and this push changes " parts[1] " on " parts[2])
                refuse("its holder says \"posthouse push\", which sends the lock along; others say \"posthouse lock status\"")
                break
            }
        }
        exit refused
    }'
